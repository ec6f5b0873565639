// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Opening:
// 1. The write-ahead log must be whole, but for a last record that a crash cut off.
// 2. Else it is read as far as it goes, and the database has gone back.
// 3. Else, or where the database is known to be corrupt, it is moved aside and a new one is made.
// 4. Where a later Postern has written it, it is refused. Where its version is none, all but the state of others is
//    erased: the mailboxes make it again from their files.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <sys/stat.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <vector>

#include "proto/base/files.h"
#include "proto/base/last_change.h"
#include "store/index/index_state.h"
#include "store/index/keys.h"
#include "store/state.h"

namespace store {

namespace {

// What the database says is in our log; a log of its own would be made anew at each opening.
class Complaints final : public rocksdb::Logger {
 public:
  explicit Complaints(base::Log log) : rocksdb::Logger(rocksdb::WARN_LEVEL), log_(std::move(log)) {}
  using rocksdb::Logger::Logv;
  void LogHeader(const char*, va_list) override {}
  void Logv(const char* format, va_list arguments) override {
    char text[1024];
    std::vsnprintf(text, sizeof text, format, arguments);
    log_.warning("index", {{"says", text}});
  }

 private:
  base::Log log_;
};

// Above all MODSEQs that were given, whatever the clock says now: they began with microseconds of time.
std::string floor_now(const std::filesystem::path& index) {
  const auto ours = index.parent_path(), root = ours.parent_path();
  std::vector<std::filesystem::path> paths{ours, index, root};
  for (const auto& mailbox : {root, root / "INBOX"})
    for (const char* part : {"cur", "new", "postern-mailbox"}) paths.push_back(mailbox / part);
  std::error_code error;
  for (const auto& directory : {ours, index})
    for (auto at = std::filesystem::directory_iterator(directory, error);
         !error && at != std::filesystem::directory_iterator(); at.increment(error))
      paths.push_back(at->path());
  return std::to_string(base::micros_above_changes(paths));
}

// " inode ctime"; empty: it is not known.
std::string identity_of(const std::filesystem::path& index) {
  struct stat now{};
  if (::stat((index / "IDENTITY").c_str(), &now) != 0) return {};
  return ' ' + std::to_string(now.st_ino) + ' ' +
         std::to_string(std::int64_t{now.st_ctim.tv_sec} * 1'000'000'000 + now.st_ctim.tv_nsec);
}

rocksdb::ColumnFamilyOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache, bool content) {
  rocksdb::ColumnFamilyOptions out;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.block_size = 16 * 1024;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.cache_index_and_filter_blocks = true;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  out.compression = content ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  out.write_buffer_size = content ? 3u << 20 : 2u << 20;
  out.max_write_buffer_number = 2;
  out.memtable_prefix_bloom_size_ratio = 0.05;  // most ids of contents that are asked for are not there
  out.memtable_whole_key_filtering = true;
  out.level_compaction_dynamic_level_bytes = true;
  return out;
}

rocksdb::DBOptions database_options(rocksdb::WALRecoveryMode mode, const base::Log& log) {
  rocksdb::DBOptions options;
  options.info_log = std::make_shared<Complaints>(log);
  options.wal_recovery_mode = mode;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.max_open_files = 200;
  options.max_file_opening_threads = 1;  // a small database opens faster than threads start
  options.max_total_wal_size = 32u << 20;
  options.recycle_log_file_num = 0;
  options.enable_pipelined_write = false;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families() {
  const auto cache = rocksdb::NewLRUCache(8u << 20);
  return {{rocksdb::kDefaultColumnFamilyName, table_options(cache, false)}, {"content", table_options(cache, true)}};
}

using Mode = rocksdb::WALRecoveryMode;
using Tables = std::vector<rocksdb::ColumnFamilyHandle*>;

// Calls f(key, value) for the states of others in a database that was moved aside, as far as they can be read.
template <class F>
rocksdb::Status for_each_state_of(const std::filesystem::path& directory, const base::Log& log, F f) {
  auto options = database_options(Mode::kSkipAnyCorruptedRecords, log);
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

// Without CURRENT a new database would be made among the old one's logs, and read those.
bool is_torn(const std::filesystem::path& directory) {
  return std::filesystem::exists(directory) && !std::filesystem::is_empty(directory) &&
         !std::filesystem::exists(directory / "CURRENT");
}

struct Opening {
  std::filesystem::path directory;
  base::Log log;
  rocksdb::DB* db = nullptr;
  Tables tables;
  bool went_back = false;
  std::filesystem::path aside;  // the old database, where a new one was made

  rocksdb::Status try_to_open(Mode mode) {
    base::make_directories(directory);  // else it complains of the first opening
    return rocksdb::DB::Open(database_options(mode, log), directory.string(), families(), &tables, &db);
  }
  rocksdb::Status open_old() {
    if (is_torn(directory)) return rocksdb::Status::Corruption("CURRENT is missing");
    auto status = try_to_open(Mode::kTolerateCorruptedTailRecords);
    if (!status.IsCorruption()) return status;
    const auto why = status.ToString();
    status = try_to_open(Mode::kPointInTimeRecovery);
    went_back = status.ok();
    if (went_back) log.warning("the end of the index's log cannot be read", {{"why", why}});
    return status;
  }
  void make_anew(const rocksdb::Status& why) {
    aside = directory.string() + ".corrupt";
    std::filesystem::remove_all(aside);
    std::filesystem::rename(directory, aside);
    log.warning("the index is corrupt and is rebuilt", {{"kept", aside.string()}, {"why", why.ToString()}});
    check(try_to_open(Mode::kTolerateCorruptedTailRecords));
  }
};

}  // namespace

std::unique_ptr<Index> Index::open(const std::filesystem::path& directory, const base::Log& log,
                                   std::function<void()> on_corrupt) {
  auto state = std::make_unique<State>();
  state->log = log;
  state->directory = directory;
  state->distrusted = directory.string() + "-is-corrupt";
  state->on_corrupt = std::move(on_corrupt);
  Opening opening{directory, log, nullptr, {}, false, {}};
  const auto status = std::filesystem::exists(state->distrusted)
                          ? rocksdb::Status::Corruption("was met when it was open")
                          : opening.open_old();
  if (is_corruption(status) || status.IsInvalidArgument() || status.IsNotFound())
    opening.make_anew(status);
  else
    store::check(status);
  state->db.reset(opening.db);
  state->tables[0] = opening.tables.at(0);
  state->tables[1] = opening.tables.at(1);
  std::unique_ptr<Index> out(new Index(std::move(state)));
  if (!opening.aside.empty()) out->take_states(opening.aside);
  out->begin_anew_if_unknown();
  std::error_code ignored;
  std::filesystem::remove(out->state_->distrusted, ignored);
  out->number_this_opening(directory.string() + "-openings", opening.went_back || !opening.aside.empty());
  return out;
}

void Index::take_states(const std::filesystem::path& old) {
  IndexBatch batch;
  std::size_t count = 0;
  const auto status = for_each_state_of(old, state_->log, [&](std::string_view key, std::string_view value) {
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

// MODSEQs that clients may know are in the records that go: the floor is above all of them.
void Index::begin_anew_if_unknown() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // once is enough
  std::string version;
  const auto status = state_->db->Get(options, state_->tables[0], keys::version(), &version);
  if (status.ok() && version == keys::kVersionOfAll) return;
  if (!status.IsNotFound()) check({status});
  if (keys::digits(version) > keys::digits(std::string(keys::kVersionOfAll)))
    throw Corruption("the index " + state_->directory.string() + " was written by a newer version of Postern (" +
                     version + "; this one knows " + std::string(keys::kVersionOfAll) +
                     "); nothing was changed. Install that version again, or move the index away: it is made anew " +
                     "from the mail's files");
  IndexBatch batch;
  if (status.ok()) {
    state_->log.warning("the index is of a version that is not known, and is made anew from the mail's files",
                        {{"version", version}, {"known", std::string(keys::kVersionOfAll)}});
    const auto states = keys::state("");
    batch.erase_range({}, states);
    batch.erase_range(keys::end_of(states), "\xFF");
    batch.erase_range({}, "\xFF", Table::Content);
    batch.put(keys::floor(), floor_now(state_->directory));
  }
  batch.put(keys::version(), keys::kVersionOfAll);
  write(batch, status.ok());
}

// Each opening of a database is numbered, in it and in a file beside it. That file also tells which file the database's
// IDENTITY is (it is written once): where it is another, all of `.postern` was put back or copied.
// A database that has lost its last writes, or is an old one, gave MODSEQs that it does not know of, and what others
// keep in it may be older than the mail. Not durable where all is well: after a power cut the number in the file may be
// the higher one without need, which does little harm.
void Index::number_this_opening(const std::filesystem::path& file, bool went_back) {
  const auto here = keys::digits(get(keys::openings()));
  const auto noted = base::read_file_if_exists(file).value_or("");
  const auto there = keys::digits(noted);
  const auto number = std::to_string(std::max(here, there) + 1);
  const auto identity = identity_of(state_->directory);
  const auto space = noted.find(' ');
  const bool copied = space != std::string::npos && noted.substr(space) != identity;
  const bool back = went_back || (here != 0 && here < there);
  IndexBatch batch;
  batch.put(keys::openings(), number);
  if (back || copied) batch.put(keys::floor(), floor_now(state_->directory));
  if (back) {
    state_->has_gone_back = true;
    batch.put(keys::state(kIndexWentBack), number);
    state_->log.warning("the index has gone back: clients are told of all messages anew, and the sync pairs them anew");
  }
  try {
    write(batch, back || copied);
    const auto temporary = file.string() + ".tmp";
    base::unlink_if_exists(temporary);
    base::write_all(base::create_new(temporary).get(), number + identity);
    base::rename_file(temporary, file);
  } catch (const std::system_error& error) {
    if (!base::is_disk_full(error.code())) throw;  // a full disk can be read
  }
}

}  // namespace store
