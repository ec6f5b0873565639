// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The journal as a file, for two foreign servers: an appended log of batches, in memory a map.
// 1. A batch is: length (4), checksum (4), then writes: key length (4), key, value length + 1 (4; 0: erased), value.
// 2. Reading stops at the first batch that is short or whose checksum is wrong: it was being written when the process
//    died, and is cut off.
// 3. When most of the file is of the past, it is written anew.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <system_error>

#include "proto/base/files.h"
#include "sync/journal.h"

namespace mirror {

namespace {

constexpr std::string_view kMagic = "postern journal 1\n";

std::uint32_t checksum(std::string_view octets) {  // FNV-1a
  std::uint32_t hash = 2166136261u;
  for (const char c : octets) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

void put32(std::string& out, std::size_t n) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xff);
}

std::uint32_t get32(std::string_view text) {
  std::uint32_t n = 0;
  for (int i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
  return n;
}

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

class FileStorage final : public JournalStorage {
 public:
  explicit FileStorage(const std::filesystem::path& path) : path_(path) {
    base::make_directories(path.parent_path());
    lock_ = base::open_append(path.string() + ".lock");
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
      throw Failure(base::Reason::InUse, path.string() + " is in use by another process");
    load();
  }

  void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
    const std::lock_guard guard(mutex_);
    for (auto it = map_.lower_bound(prefix); it != map_.end() && it->first.starts_with(prefix); ++it)
      f(it->first, it->second);
  }

  void write(const store::StateBatch& batch, bool durable) override {
    if (batch.writes.empty()) return;
    const std::lock_guard guard(mutex_);
    if (broken_) throw Failure(base::Reason::Failed, path_.string() + " cannot be written");
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

 private:
  void take_in(const store::StateBatch& batch) {
    for (const auto& [key, value] : batch.writes) {
      if (value)
        map_.insert_or_assign(key, *value);
      else
        map_.erase(key);
    }
  }

  // Returns how many octets were understood.
  std::size_t replay(std::string_view text) {
    std::size_t at = kMagic.size();
    while (text.size() - at >= 8) {
      const auto size = get32(text.substr(at));
      if (text.size() - at - 8 < size) break;
      const auto body = text.substr(at + 8, size);
      if (checksum(body) != get32(text.substr(at + 4)) || !apply(body)) break;
      at += 8 + size;
    }
    return at;
  }

  bool apply(std::string_view body) {
    store::StateBatch batch;
    while (!body.empty()) {
      if (body.size() < 4 || body.size() - 4 < get32(body)) return false;
      std::string key(body.substr(4, get32(body)));
      body.remove_prefix(4 + key.size());
      if (body.size() < 4) return false;
      const std::size_t size = get32(body);
      body.remove_prefix(4);
      if (size == 0) {
        batch.erase(std::move(key));
        continue;
      }
      if (body.size() < size - 1) return false;
      batch.put(std::move(key), std::string(body.substr(0, size - 1)));
      body.remove_prefix(size - 1);
    }
    take_in(batch);
    return true;
  }

  void load() {
    const auto text = base::read_file_if_exists(path_);
    if (text && !text->empty() && !std::string_view(*text).starts_with(kMagic) && !kMagic.starts_with(*text))
      throw Failure(base::Reason::Corrupt, path_.string() +
                                               " is no journal of ours (an InterIMAP database?); name "
                                               "another file as database");
    std::size_t good = 0, live = 0;
    if (text && text->size() >= kMagic.size()) good = replay(*text);
    for (const auto& [key, value] : map_) live += key.size() + value.size() + 16;
    if (good == 0 || good > 4 * live + 65536) {
      store::StateBatch all;
      for (const auto& [key, value] : map_) all.put(key, value);
      base::replace_file(path_, std::string(kMagic) + (all.writes.empty() ? std::string() : encode(all)));
    } else if (good < text->size() && ::truncate(path_.c_str(), static_cast<off_t>(good)) != 0) {
      throw std::system_error(errno, std::generic_category(), path_.string());
    }
    file_ = base::open_append(path_);
    size_ = std::filesystem::file_size(path_);
  }

  std::filesystem::path path_;
  base::FileDescriptor lock_, file_;
  std::mutex mutex_;
  std::uintmax_t size_ = 0;  // of the file
  bool broken_ = false;
  std::map<std::string, std::string, std::less<>> map_;
};

}  // namespace

std::unique_ptr<JournalStorage> make_file_storage(const std::filesystem::path& path) {
  return std::make_unique<FileStorage>(path);
}

}  // namespace mirror
