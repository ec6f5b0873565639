// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Packed message files: those that Dovecot's zlib plug-in, or a script beside it, has compressed. They are read as the
// text that they hold; Postern itself never writes one.
// https://doc.dovecot.org/2.3/configuration_manual/zlib_plugin/
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace store {

// Lz4 is known, so that it can be refused, but not unpacked.
enum class Packing : std::uint8_t { None, Gzip, Bzip2, Xz, Zstd, Lz4 };

// What a file begins with tells it: no message begins so. `first` holds the first kPackingMark octets, or all there
// are.
constexpr std::size_t kPackingMark = 16;
Packing packing_of(std::string_view first);
Packing packing_of_file(int fd);
std::string_view name_of(Packing packing);

// A file that is damaged, cut off, packed in a way that is not known, or whose text is larger than kLargestText.
struct CannotUnpack : std::runtime_error {
  using std::runtime_error::runtime_error;
};
constexpr std::uint64_t kLargestText = 1u << 30;

// Reads a file's text from its beginning to its end. The descriptor outlives it.
class TextReader {
 public:
  virtual ~TextReader() = default;
  // Fills `out` in part or in full; 0: the end, which is reached only where the file is sound. Throws CannotUnpack and
  // std::system_error.
  virtual std::size_t read(std::span<char> out) = 0;
};
std::unique_ptr<TextReader> read_text(int fd, Packing packing);

// The sizes of a text as it lies there, and in wire form.
struct TextSizes {
  std::uint64_t text = 0, wire = 0;
};
TextSizes measure_text(TextReader& reader);

}  // namespace store
