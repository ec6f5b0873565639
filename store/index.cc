// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/index.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <cerrno>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/fail_point.h"

namespace store {

struct IndexBatch::State {
  rocksdb::WriteBatch batch;
};

struct Index::State {
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* tables[2] = {nullptr, nullptr};
  ~State() {
    for (auto* table : tables)
      if (table != nullptr) db->DestroyColumnFamilyHandle(table);
  }
};

namespace {

// Column families have their number in a batch; ours are made in this order (DO NOT CHANGE).
constexpr std::uint32_t kContent = 1;

void check(const rocksdb::Status& status) {
  if (status.ok()) return;
  if (status.IsNoSpace() || status.ToString().find("No space left") != std::string::npos)
    throw std::system_error(ENOSPC, std::generic_category(), "index");
  if (status.IsCorruption()) throw Corruption("index: " + status.ToString());
  throw std::system_error(EIO, std::generic_category(), "index: " + status.ToString());
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

rocksdb::ColumnFamilyOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache, bool content) {
  rocksdb::ColumnFamilyOptions out;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.block_size = 16 * 1024;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.cache_index_and_filter_blocks = true;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  out.compression = content ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  out.write_buffer_size = content ? 8u << 20 : 4u << 20;
  out.max_write_buffer_number = 3;
  out.level_compaction_dynamic_level_bytes = true;
  return out;
}

rocksdb::Status open_database(const std::filesystem::path& directory, rocksdb::DB** db,
                              std::vector<rocksdb::ColumnFamilyHandle*>* tables) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_open_files = 200;
  options.keep_log_file_num = 2;
  options.max_log_file_size = 1 << 20;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_total_wal_size = 32u << 20;
  options.recycle_log_file_num = 0;
  options.enable_pipelined_write = false;
  const auto cache = rocksdb::NewLRUCache(16u << 20);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, table_options(cache, false)}, {"content", table_options(cache, true)}};
  return rocksdb::DB::Open(options, directory.string(), families, tables, db);
}

class RocksCursor final : public Index::Cursor {
 public:
  RocksCursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table) {
    rocksdb::ReadOptions options;
    options.readahead_size = 256 * 1024;
    iterator_.reset(db.NewIterator(options, table));
  }
  std::optional<std::string_view> find(std::string_view key) override {
    // A neighbour is one step away; anything else is sought.
    if (iterator_->Valid() && view(iterator_->key()) < key) iterator_->Next();
    if (!iterator_->Valid() || view(iterator_->key()) != key) {
      if (iterator_->Valid() && missed_ && view(iterator_->key()) > key && std::string_view(below_) < key)
        return std::nullopt;
      iterator_->Seek(slice(key));
    }
    check(iterator_->status());
    if (iterator_->Valid() && view(iterator_->key()) == key) {
      missed_ = false;
      return view(iterator_->value());
    }
    missed_ = true;  // nothing lies between this key and where the iterator stands
    below_ = key;
    return std::nullopt;
  }

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
  bool missed_ = false;
  std::string below_;
};

}  // namespace

IndexBatch::IndexBatch() : state_(std::make_unique<State>()) {}
IndexBatch::~IndexBatch() = default;

namespace {

// A handle that only says which table a batch's entry is for; batches are made without the database.
class TableId final : public rocksdb::ColumnFamilyHandle {
 public:
  explicit TableId(std::uint32_t id) : id_(id) {}
  const std::string& GetName() const override { return name_; }
  std::uint32_t GetID() const override { return id_; }
  rocksdb::Status GetDescriptor(rocksdb::ColumnFamilyDescriptor*) override { return rocksdb::Status::NotSupported(); }
  const rocksdb::Comparator* GetComparator() const override { return rocksdb::BytewiseComparator(); }

 private:
  std::uint32_t id_;
  std::string name_;
};

rocksdb::ColumnFamilyHandle* id_of(Table table) {
  static TableId rows(0), content(kContent);
  return table == Table::Rows ? &rows : &content;
}

}  // namespace

void IndexBatch::put(std::string_view key, std::string_view value, Table table) {
  check(state_->batch.Put(id_of(table), slice(key), slice(value)));
}
void IndexBatch::erase(std::string_view key, Table table) { check(state_->batch.Delete(id_of(table), slice(key))); }
void IndexBatch::erase_range(std::string_view from, std::string_view to, Table table) {
  check(state_->batch.DeleteRange(id_of(table), slice(from), slice(to)));
}
bool IndexBatch::empty() const { return state_->batch.Count() == 0; }
std::size_t IndexBatch::octets() const { return state_->batch.GetDataSize(); }

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;

std::unique_ptr<Index> Index::open(const std::filesystem::path& directory, const base::Log& log, bool& rebuilt) {
  rebuilt = false;
  for (;;) {
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> tables;
    const auto status = open_database(directory, &db, &tables);
    if (status.ok()) {
      auto state = std::make_unique<State>();
      state->db.reset(db);
      state->tables[0] = tables.at(0);
      state->tables[1] = tables.at(1);
      return std::unique_ptr<Index>(new Index(std::move(state)));
    }
    const bool broken = status.IsCorruption() || status.IsInvalidArgument() || status.IsNotFound() ||
                        status.ToString().find("No such file") != std::string::npos;
    if (!broken || rebuilt) check(status);
    const auto aside = directory.string() + ".corrupt-" + std::to_string(base::unix_micros());
    std::filesystem::rename(directory, aside);
    log.warning("the index is corrupt and is rebuilt", {{"kept", aside}, {"why", status.ToString()}});
    rebuilt = true;
  }
}

void Index::write(IndexBatch& batch, bool durable) {
  base::FailPoint::step();
  rocksdb::WriteOptions options;
  options.sync = durable;
  auto status = state_->db->Write(options, &batch.state_->batch);
  if (!status.ok() && status.severity() >= rocksdb::Status::kHardError) {
    // After a full disk the database refuses to write until it is told to go on.
    if (state_->db->Resume().ok()) status = state_->db->Write(options, &batch.state_->batch);
  }
  check(status);
}

std::optional<std::string> Index::get(std::string_view key, Table table) const {
  std::string value;
  const auto status =
      state_->db->Get(rocksdb::ReadOptions(), state_->tables[static_cast<int>(table)], slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  check(status);
  return value;
}

void Index::scan(std::string_view prefix, const std::function<bool(std::string_view, std::string_view)>& f, Table table,
                 std::string_view start) const {
  rocksdb::ReadOptions options;
  options.readahead_size = 1 << 20;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> iterator(
      state_->db->NewIterator(options, state_->tables[static_cast<int>(table)]));
  for (iterator->Seek(slice(start.empty() ? prefix : start)); iterator->Valid(); iterator->Next()) {
    if (!view(iterator->key()).starts_with(prefix)) break;
    if (!f(view(iterator->key()), view(iterator->value()))) break;
  }
  check(iterator->status());
}

std::unique_ptr<Index::Cursor> Index::cursor(Table table) const {
  return std::make_unique<RocksCursor>(*state_->db, state_->tables[static_cast<int>(table)]);
}

}  // namespace store
