// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/packed.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <new>
#include <utility>

#include "proto/base/files.h"
#include "store/maildir/maildir.h"

namespace store {

namespace {

constexpr std::size_t kInput = 32 * 1024;
constexpr std::uint64_t kMostMemory = 128u << 20;  // for a dictionary: `xz -9` wants 65 MiB
constexpr int kMostZstdWindow = 27;                // 2^27 octets, zstd's own limit

using namespace std::string_view_literals;
constexpr std::array kMarks{
    std::pair{"\x1f\x8b\x08"sv, Packing::Gzip},                // RFC 1952
    std::pair{"\xfd\x37zXZ\0"sv, Packing::Xz},                 // https://tukaani.org/xz/xz-file-format.txt
    std::pair{"\x28\xb5\x2f\xfd"sv, Packing::Zstd},            // RFC 8878
    std::pair{"Dovecot-LZ4\x0d\x2a\x9b\xc5"sv, Packing::Lz4},  // Dovecot's own
    std::pair{"\x04\x22\x4d\x18"sv, Packing::Lz4},             // LZ4's frames
};

[[noreturn]] void damaged(Packing packing) {
  throw CannotUnpack("its " + std::string(name_of(packing)) + " compression is damaged or cut off");
}

class PlainReader final : public TextReader {
 public:
  explicit PlainReader(int fd) : fd_(fd) {}
  std::size_t read(std::span<char> out) override {
    const auto n = base::read_some_at(fd_, at_, out);
    at_ += n;
    return n;
  }

 private:
  int fd_;
  std::uint64_t at_ = 0;
};

// What the four have in common: input in pieces, one compressed stream after another, a largest size, and an end that
// is believed only between two streams.
class Unpacker : public TextReader {
 public:
  std::size_t read(std::span<char> out) final {
    while (!out.empty()) {
      if (input_.empty() && !ended_) fill();
      if (input_.empty() && !within_) return 0;
      const auto had = input_.size();
      const auto made = unpack(input_, out);
      within_ = made.within;
      size_ += made.octets;
      if (size_ > kLargestText) throw CannotUnpack("it unpacks to more than 1 GiB");
      if (made.octets > 0) return made.octets;
      if (input_.empty() && ended_ && within_ && had == 0) damaged(packing_);
    }
    return 0;
  }

 protected:
  struct Made {
    std::size_t octets = 0;
    bool within = true;  // a stream has begun and not ended
  };
  Unpacker(int fd, Packing packing) : packing_(packing), fd_(fd) {}
  // Takes from the front of input; begins another stream where one has ended.
  virtual Made unpack(std::string_view& input, std::span<char> out) = 0;
  [[noreturn]] void fail() const { damaged(packing_); }

 private:
  void fill() {
    const auto n = base::read_some_at(fd_, at_, std::span(buffer_));
    at_ += n;
    ended_ = n == 0;
    input_ = std::string_view(buffer_.data(), n);
  }

  Packing packing_;
  int fd_;
  std::uint64_t at_ = 0, size_ = 0;
  std::array<char, kInput> buffer_{};
  std::string_view input_;
  bool ended_ = false, within_ = false;
};

enum class Step : std::uint8_t { More, Ended, Damaged };  // what a library said of one call

// zlib, bzip2 and liblzma talk alike: a struct that holds where input and output go on. A Codec names its Stream and
// has begin(), end() and step().
template <class Codec>
class StreamReader final : public Unpacker {
 public:
  explicit StreamReader(int fd) : Unpacker(fd, Codec::kPacking) { Codec::begin(stream_); }
  ~StreamReader() override { Codec::end(stream_); }
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

 private:
  Made unpack(std::string_view& input, std::span<char> out) override {
    if (done_) {
      Codec::end(stream_);
      stream_ = Codec::kNew;
      Codec::begin(stream_);
    }
    using Input = decltype(stream_.next_in);
    using Output = decltype(stream_.next_out);
    stream_.next_in = reinterpret_cast<Input>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<decltype(stream_.avail_in)>(input.size());
    stream_.next_out = reinterpret_cast<Output>(out.data());
    stream_.avail_out = static_cast<decltype(stream_.avail_out)>(out.size());
    const auto step = Codec::step(stream_);
    if (step == Step::Damaged) fail();
    done_ = step == Step::Ended;
    input.remove_prefix(input.size() - stream_.avail_in);
    return {out.size() - stream_.avail_out, !done_};
  }

  typename Codec::Stream stream_ = Codec::kNew;
  bool done_ = false;
};

struct Gzip {
  using Stream = z_stream;
  static constexpr auto kPacking = Packing::Gzip;
  static constexpr Stream kNew{};
  static void begin(Stream& stream) {
    if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  static void end(Stream& stream) { ::inflateEnd(&stream); }
  static Step step(Stream& stream) {
    const int said = ::inflate(&stream, Z_NO_FLUSH);
    if (said == Z_STREAM_END) return Step::Ended;
    return said == Z_OK || said == Z_BUF_ERROR ? Step::More : Step::Damaged;
  }
};

struct Bzip2 {
  using Stream = bz_stream;
  static constexpr auto kPacking = Packing::Bzip2;
  static constexpr Stream kNew{};
  static void begin(Stream& stream) {
    if (::BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) throw std::bad_alloc();
  }
  static void end(Stream& stream) { ::BZ2_bzDecompressEnd(&stream); }
  static Step step(Stream& stream) {
    const int said = ::BZ2_bzDecompress(&stream);
    if (said == BZ_STREAM_END) return Step::Ended;
    return said == BZ_OK ? Step::More : Step::Damaged;
  }
};

struct Xz {
  using Stream = lzma_stream;
  static constexpr auto kPacking = Packing::Xz;
  static constexpr Stream kNew = LZMA_STREAM_INIT;
  static void begin(Stream& stream) {
    if (::lzma_stream_decoder(&stream, kMostMemory, 0) != LZMA_OK) throw std::bad_alloc();
  }
  static void end(Stream& stream) { ::lzma_end(&stream); }
  static Step step(Stream& stream) {
    const auto said = ::lzma_code(&stream, LZMA_RUN);
    if (said == LZMA_STREAM_END) return Step::Ended;
    return said == LZMA_OK || said == LZMA_BUF_ERROR ? Step::More : Step::Damaged;
  }
};

class ZstdReader final : public Unpacker {
 public:
  explicit ZstdReader(int fd) : Unpacker(fd, Packing::Zstd), stream_(::ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
    ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMostZstdWindow);
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
  };

  Made unpack(std::string_view& input, std::span<char> out) override {
    ZSTD_inBuffer from{input.data(), input.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const auto left = ::ZSTD_decompressStream(stream_.get(), &to, &from);
    if (::ZSTD_isError(left) != 0) fail();
    input.remove_prefix(from.pos);
    return {to.pos, left != 0};
  }

  std::unique_ptr<ZSTD_DStream, Free> stream_;
};

bool is_bzip2(std::string_view first) {
  if (first.size() < 10 || !first.starts_with("BZh") || first[3] < '1' || first[3] > '9') return false;
  const auto block = first.substr(4, 6);
  return block == "\x31\x41\x59\x26\x53\x59" || block == "\x17\x72\x45\x38\x50\x90";  // a block, or the end
}

}  // namespace

Packing packing_of(std::string_view first) {
  for (const auto& [octets, packing] : kMarks)
    if (first.starts_with(octets)) return packing;
  return is_bzip2(first) ? Packing::Bzip2 : Packing::None;
}

Packing packing_of_file(int fd) {
  std::array<char, kPackingMark> first{};
  std::size_t size = 0;
  while (size < first.size()) {
    const auto n = base::read_some_at(fd, size, std::span(first).subspan(size));
    if (n == 0) break;
    size += n;
  }
  return packing_of({first.data(), size});
}

std::string_view name_of(Packing packing) {
  switch (packing) {
    case Packing::None: return "no";
    case Packing::Gzip: return "gzip";
    case Packing::Bzip2: return "bzip2";
    case Packing::Xz: return "xz";
    case Packing::Zstd: return "zstd";
    case Packing::Lz4: return "lz4";
  }
  return "";
}

std::unique_ptr<TextReader> read_text(int fd, Packing packing) {
  switch (packing) {
    case Packing::None: return std::make_unique<PlainReader>(fd);
    case Packing::Gzip: return std::make_unique<StreamReader<Gzip>>(fd);
    case Packing::Bzip2: return std::make_unique<StreamReader<Bzip2>>(fd);
    case Packing::Xz: return std::make_unique<StreamReader<Xz>>(fd);
    case Packing::Zstd: return std::make_unique<ZstdReader>(fd);
    case Packing::Lz4: break;
  }
  throw CannotUnpack("it is compressed with lz4, which Postern cannot unpack");
}

TextSizes measure_text(TextReader& reader) {
  std::array<char, kInput> buffer{};
  TextSizes out;
  bool after_cr = false;
  while (const auto n = reader.read(buffer)) {
    out.text += n;
    out.wire += wire_octets({buffer.data(), n}, after_cr);
  }
  return out;
}

}  // namespace store
