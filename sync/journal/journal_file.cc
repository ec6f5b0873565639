// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The journal as a file, for two foreign servers: an appended log of batches, in memory a map.
// 1. A batch is: length (4), checksum (4), then writes: key length (4), key, value length + 1 (4; 0: erased), value.
// 2. A batch that is short or whose checksum is wrong, with none behind it that is right, was being written when the
//    process died: it is cut off.
// 3. One with right ones behind it is damage. It is passed over, the rest is read, and the file stays as it is until
//    mend() has it written anew, with what must be said about what is left; a copy is kept beside it.
// 4. When most of the file is of the past, it is written anew.
// The checksum is zlib's crc32. Files of form 1 have another one (FNV-1a): they are read, and written anew at once.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <map>
#include <optional>
#include <system_error>

#include "proto/base/big_endian.h"
#include "proto/base/files.h"
#include "proto/base/mutex.h"
#include "sync/journal/journal.h"

namespace mirror {

namespace {

constexpr std::string_view kMagic = "postern journal 2\n", kMagicBefore = "postern journal 1\n";
constexpr std::string_view kAnyMagic = "postern journal ";
static_assert(kMagic.size() == kMagicBefore.size());
constexpr std::size_t kLeastBatch = 16;  // length, checksum, one write

using Checksum = std::uint32_t (*)(std::string_view octets);

std::uint32_t checksum(std::string_view octets) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(octets.data()), octets.size()));
}

std::uint32_t checksum_before(std::string_view octets) {
  std::uint32_t hash = 2166136261u;
  for (const char c : octets) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

void put32(std::string& out, std::size_t n) { base::put_big_endian(out, static_cast<std::uint32_t>(n)); }
std::uint32_t get32(std::string_view text) { return base::get_big_endian<std::uint32_t>(text); }

std::string encode(const store::StateBatch& batch) {
  std::string body;
  for (const auto& [key, value] : batch.writes) {
    put32(body, key.size());
    body += key;
    put32(body, value ? value->size() + 1 : 0);
    if (value) body += *value;
  }
  std::string out;
  put32(out, body.size());
  put32(out, checksum(body));
  return out + body;
}

enum class Access : std::uint8_t { Reads, Writes };

class FileStorage final : public JournalStorage {
 public:
  FileStorage(const std::filesystem::path& path, Access access) : path_(path), reads_(access == Access::Reads) {
    if (reads_) {
      const base::MutexLock guard(mutex_);
      load();
      unreadable_ = 0;  // it is for the writer to mend
      return;
    }
    base::make_directories(path.parent_path());
    const base::MutexLock guard(mutex_);
    lock_ = base::open_append(path.string() + ".lock");
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
      throw Failure(base::Reason::InUse, path.string() + " is in use by another process");
    load();
  }

  void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
    const base::MutexLock guard(mutex_);
    for (auto it = map_.lower_bound(prefix); it != map_.end() && it->first.starts_with(prefix); ++it)
      f(it->first, it->second);
  }

  void write(const store::StateBatch& batch, bool durable) override {
    if (batch.writes.empty()) return;
    const base::MutexLock guard(mutex_);
    if (broken_ || reads_) throw Failure(base::Reason::Failed, path_.string() + " cannot be written");
    const auto text = encode(batch);
    try {
      base::write_all(file_.get(), text);
      if (durable) base::sync_data(file_.get());
    } catch (...) {
      // Nothing may come behind half a batch: reading would end there.
      broken_ = ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0;
      throw;
    }
    size_ += text.size();
    take_in(batch);
  }

  std::uint64_t unreadable() const override {
    const base::MutexLock guard(mutex_);
    return unreadable_;
  }

  void give_up() override {
    const base::MutexLock guard(mutex_);
    broken_ = true;
    lock_.reset();
  }

  void mend(const store::StateBatch& batch) override {
    const base::MutexLock guard(mutex_);
    std::filesystem::copy_file(path_, path_.string() + ".damaged", std::filesystem::copy_options::overwrite_existing);
    take_in(batch);
    write_anew();
    open_file();
    unreadable_ = 0;
  }

 private:
  void take_in(const store::StateBatch& batch) REQUIRES(mutex_) {
    for (const auto& [key, value] : batch.writes) {
      if (value)
        map_.insert_or_assign(key, *value);
      else
        map_.erase(key);
    }
  }

  // Returns where what was understood ends.
  std::size_t replay(std::string_view text, Checksum sum) REQUIRES(mutex_) {
    std::size_t at = kMagic.size(), good = at;
    while (at < text.size()) {
      if (const auto batch = batch_at(text, at, sum)) {
        if (at != good) unreadable_ += at - good;
        take_in(*batch);
        good = at = at + 8 + get32(text.substr(at));
      } else {
        ++at;  // the length may be what is wrong
      }
    }
    return good;
  }

  static std::optional<store::StateBatch> batch_at(std::string_view text, std::size_t at, Checksum sum) {
    if (text.size() - at < kLeastBatch) return std::nullopt;
    const auto size = get32(text.substr(at));
    if (size < kLeastBatch - 8 || text.size() - at - 8 < size) return std::nullopt;
    const auto body = text.substr(at + 8, size);
    auto batch = decode(body);
    if (!batch || sum(body) != get32(text.substr(at + 4))) return std::nullopt;
    return batch;
  }

  static std::optional<store::StateBatch> decode(std::string_view body) {
    store::StateBatch batch;
    while (!body.empty()) {
      if (body.size() < 4 || body.size() - 4 < get32(body)) return std::nullopt;
      std::string key(body.substr(4, get32(body)));
      body.remove_prefix(4 + key.size());
      if (body.size() < 4) return std::nullopt;
      const std::size_t size = get32(body);
      body.remove_prefix(4);
      if (size == 0) {
        batch.erase(std::move(key));
        continue;
      }
      if (body.size() < size - 1) return std::nullopt;
      batch.put(std::move(key), std::string(body.substr(0, size - 1)));
      body.remove_prefix(size - 1);
    }
    return batch;
  }

  void write_anew() REQUIRES(mutex_) {
    store::StateBatch all;
    for (const auto& [key, value] : map_) all.put(key, value);
    base::replace_file(path_, std::string(kMagic) + (all.writes.empty() ? std::string() : encode(all)));
  }

  void open_file() REQUIRES(mutex_) {
    file_ = base::open_append(path_);
    size_ = std::filesystem::file_size(path_);
  }

  void load() REQUIRES(mutex_) {
    const auto text = base::read_file_if_exists(path_);
    const bool is_before = text && text->starts_with(kMagicBefore);
    if (text && text->starts_with(kAnyMagic) && (*text)[kAnyMagic.size()] > kMagic[kAnyMagic.size()])
      throw Failure(base::Reason::Unsupported,
                    path_.string() + " was written by a newer version of Postern; nothing was touched");
    if (text && !text->empty() && !text->starts_with(kMagic) && !is_before && !kMagic.starts_with(*text) &&
        !kMagicBefore.starts_with(*text))
      throw Failure(base::Reason::Corrupt, path_.string() +
                                               " is no journal of ours (an InterIMAP database?); name "
                                               "another file as database");
    std::size_t good = 0, live = 0;
    if (text && text->size() >= kMagic.size()) good = replay(*text, is_before ? checksum_before : checksum);
    if (reads_) return;
    for (const auto& [key, value] : map_) live += key.size() + value.size() + 16;
    if (unreadable_ == 0) {
      if (is_before || good == 0 || good > 4 * live + 65536)
        write_anew();
      else if (good < text->size() && ::truncate(path_.c_str(), static_cast<off_t>(good)) != 0)
        throw std::system_error(errno, std::generic_category(), path_.string());
    }
    open_file();
  }

  std::filesystem::path path_;
  bool reads_;
  mutable base::Mutex mutex_;
  base::FileDescriptor lock_ GUARDED_BY(mutex_);
  base::FileDescriptor file_ GUARDED_BY(mutex_);
  std::uintmax_t size_ GUARDED_BY(mutex_) = 0;  // of the file
  std::uint64_t unreadable_ GUARDED_BY(mutex_) = 0;
  bool broken_ GUARDED_BY(mutex_) = false;
  std::map<std::string, std::string, std::less<>> map_ GUARDED_BY(mutex_);
};

std::unique_ptr<JournalStorage> open_storage(const std::filesystem::path& path, Access access) {
  try {
    return std::make_unique<FileStorage>(path, access);
  } catch (const std::system_error& error) {
    const auto full = base::is_disk_full(error.code());
    throw Failure(
        full ? base::Reason::NoSpace : base::Reason::Failed,
        std::string("what both sides agreed on cannot be used, and nothing is done without it: ") + error.what());
  }
}

}  // namespace

std::unique_ptr<JournalStorage> make_file_storage(const std::filesystem::path& path) {
  return open_storage(path, Access::Writes);
}

std::unique_ptr<JournalStorage> read_file_storage(const std::filesystem::path& path) {
  return open_storage(path, Access::Reads);
}

}  // namespace mirror
