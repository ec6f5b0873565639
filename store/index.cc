// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/index.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/fail_point.h"
#include "proto/base/files.h"
#include "store/keys.h"

namespace store {

struct IndexBatch::State {
  rocksdb::WriteBatch batch;
  bool is_logged = false;
};

struct Index::State {
  base::Log log;
  std::filesystem::path distrusted;  // a file that lies there once the database was found to be corrupt
  std::function<void()> on_corrupt;
  std::atomic<bool> corrupt{false};
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

bool is_corruption(const rocksdb::Status& status) {
  return status.IsCorruption() || status.ToString().find("No such file") != std::string::npos;
}

void check(const rocksdb::Status& status) {
  if (status.ok()) return;
  if (status.IsNoSpace() || status.ToString().find("No space left") != std::string::npos)
    throw std::system_error(ENOSPC, std::generic_category(), "index");
  if (is_corruption(status)) throw Corruption("index: " + status.ToString());
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

rocksdb::DBOptions database_options(rocksdb::WALRecoveryMode mode) {
  rocksdb::DBOptions options;
  options.wal_recovery_mode = mode;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_open_files = 200;
  options.max_file_opening_threads = 1;  // a small database opens faster than threads start
  options.keep_log_file_num = 2;
  options.max_log_file_size = 1 << 20;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_total_wal_size = 32u << 20;
  options.recycle_log_file_num = 0;
  options.enable_pipelined_write = false;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families() {
  const auto cache = rocksdb::NewLRUCache(16u << 20);
  return {{rocksdb::kDefaultColumnFamilyName, table_options(cache, false)}, {"content", table_options(cache, true)}};
}

using Mode = rocksdb::WALRecoveryMode;
using Tables = std::vector<rocksdb::ColumnFamilyHandle*>;

// Calls f(key, value) for the states of others in a database that was moved aside, as far as they can be read.
template <class F>
rocksdb::Status for_each_state_of(const std::filesystem::path& directory, F f) {
  auto options = database_options(Mode::kSkipAnyCorruptedRecords);
  if (auto status = rocksdb::RepairDB(directory.string(), options, families()); !status.ok()) return status;
  rocksdb::DB* opened = nullptr;
  Tables tables;
  std::vector<std::string> names;
  auto status = rocksdb::DB::ListColumnFamilies(options, directory.string(), &names);
  if (!status.ok()) return status;
  auto wanted = families();
  if (names.size() < wanted.size()) wanted.resize(names.size());  // the contents may be lost as a whole
  status = rocksdb::DB::OpenForReadOnly(options, directory.string(), wanted, &tables, &opened);
  if (!status.ok()) return status;
  const std::unique_ptr<rocksdb::DB> db(opened);
  {
    const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(rocksdb::ReadOptions(), tables.at(0)));
    const auto prefix = keys::state("");
    for (at->Seek(slice(prefix)); at->Valid() && view(at->key()).starts_with(prefix); at->Next())
      f(view(at->key()), view(at->value()));
    status = at->status();
  }
  for (auto* table : tables) db->DestroyColumnFamilyHandle(table);
  return status;
}

// Each opening of a database is numbered, in it and in a file beside it.
std::uint64_t number_in(const std::optional<std::string>& text) {
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

class RocksCursor final : public Index::Cursor {
 public:
  using Check = std::function<void(const rocksdb::Status&)>;
  RocksCursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table, Check check) : check_(std::move(check)) {
    rocksdb::ReadOptions options;
    options.readahead_size = 256 * 1024;
    iterator_.reset(db.NewIterator(options, table));
  }
  std::optional<std::string_view> find(std::string_view key) override {
    // A neighbour is one step away; anything else is sought.
    if (iterator_->Valid() && view(iterator_->key()) < key) iterator_->Next();
    if (!iterator_->Valid() || view(iterator_->key()) != key) {
      const bool beyond = !iterator_->Valid() || view(iterator_->key()) > key;
      if (missed_ && beyond && std::string_view(below_) < key) return std::nullopt;
      iterator_->Seek(slice(key));
    }
    check_(iterator_->status());
    if (iterator_->Valid() && view(iterator_->key()) == key) {
      missed_ = false;
      return view(iterator_->value());
    }
    missed_ = true;  // nothing lies between this key and where the iterator stands
    below_ = key;
    return std::nullopt;
  }

 private:
  Check check_;
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
  state_->is_logged = state_->is_logged || table == Table::Rows;
  check(state_->batch.Put(id_of(table), slice(key), slice(value)));
}
void IndexBatch::erase(std::string_view key, Table table) {
  state_->is_logged = true;  // what is erased must not come back
  check(state_->batch.Delete(id_of(table), slice(key)));
}
void IndexBatch::erase_range(std::string_view from, std::string_view to, Table table) {
  state_->is_logged = true;
  check(state_->batch.DeleteRange(id_of(table), slice(from), slice(to)));
}
bool IndexBatch::empty() const { return state_->batch.Count() == 0; }
std::size_t IndexBatch::octets() const { return state_->batch.GetDataSize(); }

struct Index::Status {
  const rocksdb::Status& status;
};

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
// What is in tables need not be read from the log at the next open.
Index::~Index() {
  const rocksdb::FlushOptions options;
  for (auto* table : state_->tables) (void)state_->db->Flush(options, table);
}

// 1. The write-ahead log must be whole, but for a last record that a crash cut off.
// 2. Else it is read as far as it goes, and the database has gone back.
// 3. Else, or where the database is known to be corrupt, it is moved aside and a new one is made.
std::unique_ptr<Index> Index::open(const std::filesystem::path& directory, const base::Log& log,
                                   std::function<void()> on_corrupt) {
  auto state = std::make_unique<State>();
  state->log = log;
  state->distrusted = directory.string() + "-is-corrupt";
  state->on_corrupt = std::move(on_corrupt);
  std::error_code ignored;
  rocksdb::DB* db = nullptr;
  Tables tables;
  const auto try_to_open = [&](Mode mode) {
    return rocksdb::DB::Open(database_options(mode), directory.string(), families(), &tables, &db);
  };
  const bool distrusted = std::filesystem::exists(state->distrusted);
  bool went_back = false;
  // Without this file a new database would be made among the old one's logs, and read those.
  const bool torn = std::filesystem::exists(directory) && !std::filesystem::is_empty(directory) &&
                    !std::filesystem::exists(directory / "CURRENT");
  auto status = distrusted ? rocksdb::Status::Corruption("was met when it was open")
                : torn     ? rocksdb::Status::Corruption("CURRENT is missing")
                           : try_to_open(Mode::kTolerateCorruptedTailRecords);
  if (status.IsCorruption() && !distrusted && !torn) {
    const auto why = status.ToString();
    status = try_to_open(Mode::kPointInTimeRecovery);
    went_back = status.ok();
    if (went_back) log.warning("the end of the index's log cannot be read", {{"why", why}});
  }
  std::filesystem::path aside;
  if (is_corruption(status) || status.IsInvalidArgument() || status.IsNotFound()) {
    aside = directory.string() + ".corrupt";
    std::filesystem::remove_all(aside);
    std::filesystem::rename(directory, aside);
    log.warning("the index is corrupt and is rebuilt", {{"kept", aside.string()}, {"why", status.ToString()}});
    status = try_to_open(Mode::kTolerateCorruptedTailRecords);
  }
  store::check(status);
  state->db.reset(db);
  state->tables[0] = tables.at(0);
  state->tables[1] = tables.at(1);
  std::unique_ptr<Index> out(new Index(std::move(state)));
  if (!aside.empty()) out->take_states(aside);
  std::filesystem::remove(out->state_->distrusted, ignored);
  out->number_this_opening(directory.string() + "-openings", went_back && aside.empty());
  return out;
}

void Index::take_states(const std::filesystem::path& old) {
  IndexBatch batch;
  std::size_t count = 0;
  const auto status = for_each_state_of(old, [&](std::string_view key, std::string_view value) {
    batch.put(key, value);
    ++count;
  });
  if (status.ok())
    state_->log.info("what the sync keeps was saved from the corrupt index", {{"records", count}});
  else
    state_->log.warning("not all that the sync keeps could be saved from the corrupt index",
                        {{"records", count}, {"why", status.ToString()}});
  write(batch, true);
}

// A database that has lost its last writes, or is an old one, gave MODSEQs that it does not know of. Not durable: after
// a power cut the number in the file may be the higher one without need, which does no harm.
void Index::number_this_opening(const std::filesystem::path& file, bool went_back) {
  const auto here = number_in(get(keys::openings()));
  const auto there = number_in(base::read_file_if_exists(file));
  const auto number = std::to_string(std::max(here, there) + 1);
  IndexBatch batch;
  batch.put(keys::openings(), number);
  if (went_back || (here != 0 && here < there)) {
    batch.put(keys::floor(), std::to_string(base::unix_micros()));
    state_->log.warning("the index has gone back: clients are told of all messages anew");
  }
  try {
    write(batch, false);
    const auto temporary = file.string() + ".tmp";
    base::unlink_if_exists(temporary);
    base::write_all(base::create_new(temporary).get(), number);
    base::rename_file(temporary, file);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOSPC) throw;  // a full disk can be read
  }
}

void Index::check(const Status& status) const {
  try {
    store::check(status.status);
  } catch (const Corruption& corruption) {
    if (!state_->corrupt.exchange(true)) {
      state_->log.error("the index is corrupt: the store has to be opened anew, which rebuilds it",
                        {{"why", corruption.what()}});
      // Where this cannot be written the next open meets the corruption itself, sooner or later.
      const int fd = ::open(state_->distrusted.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      if (fd >= 0) ::close(fd);
      if (state_->on_corrupt) state_->on_corrupt();
    }
    throw;
  }
}

void Index::write(IndexBatch& batch, bool durable) {
  base::FailPoint::step();
  rocksdb::WriteOptions options;
  options.sync = durable;
  options.disableWAL = !durable && !batch.state_->is_logged;
  auto status = state_->db->Write(options, &batch.state_->batch);
  if (!status.ok() && status.severity() >= rocksdb::Status::kHardError) {
    // After a full disk the database refuses to write until it is told to go on.
    if (state_->db->Resume().ok()) status = state_->db->Write(options, &batch.state_->batch);
  }
  check({status});
}

std::optional<std::string> Index::get(std::string_view key, Table table) const {
  std::string value;
  const auto status =
      state_->db->Get(rocksdb::ReadOptions(), state_->tables[static_cast<int>(table)], slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  check({status});
  return value;
}

void Index::scan(std::string_view prefix, const std::function<bool(std::string_view, std::string_view)>& f, Table table,
                 std::string_view start) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  // Else all that was erased behind the last of them is stepped over.
  const auto end = keys::end_of(prefix);
  const rocksdb::Slice bound(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> iterator(
      state_->db->NewIterator(options, state_->tables[static_cast<int>(table)]));
  for (iterator->Seek(slice(start.empty() ? prefix : start)); iterator->Valid(); iterator->Next()) {
    if (!view(iterator->key()).starts_with(prefix)) break;
    if (!f(view(iterator->key()), view(iterator->value()))) break;
  }
  check({iterator->status()});
}

std::unique_ptr<Index::Cursor> Index::cursor(Table table) const {
  return std::make_unique<RocksCursor>(*state_->db, state_->tables[static_cast<int>(table)],
                                       [this](const rocksdb::Status& status) { check({status}); });
}

}  // namespace store
