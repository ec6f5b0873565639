// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Index: the RocksDB database in our words: batches, gets and scans. Every byte of keys and values is told in keys.h.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "proto/base/log.h"

namespace store {

// The database's own complaint that data at rest cannot be understood.
struct Corruption : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Rows: small, hot, in the write-ahead log. Content: header blocks and structures, which can be read again from the
// files; not logged.
enum class Table : std::uint8_t { Rows, Content };

class IndexBatch {
 public:
  IndexBatch();
  ~IndexBatch();
  IndexBatch(const IndexBatch&) = delete;
  IndexBatch& operator=(const IndexBatch&) = delete;
  void put(std::string_view key, std::string_view value, Table table = Table::Rows);
  void erase(std::string_view key, Table table = Table::Rows);
  void erase_range(std::string_view from, std::string_view to, Table table = Table::Rows);  // [from, to)
  bool empty() const;
  std::size_t octets() const;

 private:
  friend class Index;
  struct State;
  std::unique_ptr<State> state_;
};

// Thread-safe. Throws std::system_error (a full disk and other I/O errors) or Corruption.
class Index {
 public:
  // A database that is corrupt, or was found to be so when it was open before, is moved aside and made anew; what
  // others keep in it (state.h) is taken over as far as it can be read. One of a later version is refused (Corruption),
  // one whose version is none is emptied, but for what others keep in it. `on_corrupt` is called once, from any thread,
  // when corruption is met later: then the next open makes it anew.
  static std::unique_ptr<Index> open(const std::filesystem::path& directory, const base::Log& log,
                                     std::function<void()> on_corrupt);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  void write(IndexBatch& batch, bool durable);  // one write; safe on disk when durable
  std::optional<std::string> get(std::string_view key, Table table = Table::Rows) const;
  // Every key that begins with the prefix, ascending, from `start` if given; f returns whether to go on.
  void scan(std::string_view prefix, const std::function<bool(std::string_view key, std::string_view value)>& f,
            Table table = Table::Rows, std::string_view start = {}) const;

  std::optional<std::string> last_key(std::string_view prefix, Table table) const;  // of those that begin so
  void give_back_memory();     // blocks that are only kept to be read again
  bool has_gone_back() const;  // this opening found that what was written last is lost

  // A position in a table, for reading many neighbours.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    virtual std::optional<std::string_view> find(std::string_view key) = 0;  // valid until the next call
  };
  std::unique_ptr<Cursor> cursor(Table table) const;

 private:
  struct State;
  explicit Index(std::unique_ptr<State> state);
  void take_states(const std::filesystem::path& old);
  void begin_anew_if_unknown();
  void number_this_opening(const std::filesystem::path& file, bool went_back);
  struct Status;
  void check(const Status& status) const;
  std::unique_ptr<State> state_;
};

}  // namespace store
