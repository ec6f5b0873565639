// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Index::State: what the database is to its two sources, index.cc (use) and index_open.cc (opening and healing).
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "store/index/index.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Slice;
class Status;
}  // namespace rocksdb

namespace store {

struct Index::State {
  State();
  ~State();
  base::Log log;
  std::filesystem::path directory;
  std::filesystem::path distrusted;  // a file that lies there once the database was found to be corrupt
  std::function<void()> on_corrupt;
  std::atomic<bool> corrupt{false};
  bool has_gone_back = false;
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* tables[2] = {nullptr, nullptr};
};

struct Index::Status {
  const rocksdb::Status& status;
};

bool is_corruption(const rocksdb::Status& status);
void check(const rocksdb::Status& status);  // throws as Index does
rocksdb::Slice slice(std::string_view text);
std::string_view view(const rocksdb::Slice& slice);

}  // namespace store
