// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/index/index.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "proto/base/fail_point.h"
#include "proto/base/mutex.h"
#include "store/index/index_state.h"
#include "store/index/keys.h"

namespace store {

struct IndexBatch::State {
  rocksdb::WriteBatch batch;
  bool is_logged = false;
};

Index::State::State() = default;
Index::State::~State() {
  for (auto* table : tables)
    if (table != nullptr) db->DestroyColumnFamilyHandle(table);
}

bool is_corruption(const rocksdb::Status& status) {
  return status.IsCorruption() || status.ToString().find("No such file") != std::string::npos;
}

void check(const rocksdb::Status& status) {
  if (status.ok()) return;
  // RocksDB knows ENOSPC only; of other errors it keeps the text.
  for (const int error : {ENOSPC, EDQUOT})
    if ((error == ENOSPC && status.IsNoSpace()) || status.ToString().find(std::strerror(error)) != std::string::npos)
      throw std::system_error(error, std::generic_category(), "index");
  if (is_corruption(status)) throw Corruption("index: " + status.ToString());
  throw std::system_error(EIO, std::generic_category(), "index: " + status.ToString());
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

namespace {

// Column families have their number in a batch; ours are made in this order (DO NOT CHANGE).
constexpr std::uint32_t kContent = 1;

class RocksCursor final : public Index::Cursor {
 public:
  using Check = std::function<void(const rocksdb::Status&)>;
  RocksCursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* table, Check check) : check_(std::move(check)) {
    rocksdb::ReadOptions options;
    options.readahead_size = 256 * 1024;
    options.fill_cache = false;  // neighbours are read once
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

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
// What is in tables need not be read from the log at the next open.
Index::~Index() {
  const rocksdb::FlushOptions options;
  for (auto* table : state_->tables) (void)state_->db->Flush(options, table);
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

// Of writers that come together RocksDB has one append the others' batches to its own. ThreadSanitizer sees only the
// appending (a string's, of the standard library), and not what orders it: under it they come one by one.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define POSTERN_ONE_WRITER
#endif
#endif

void Index::write(IndexBatch& batch, bool durable) {
  base::FailPoint::step();
#ifdef POSTERN_ONE_WRITER
  static base::Mutex one_writer;
  const base::MutexLock alone(one_writer);
#endif
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

void Index::give_back_memory() {
  for (auto* table : state_->tables) {
    const auto options = state_->db->GetOptions(table);
    const auto* blocks = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
    if (blocks != nullptr && blocks->block_cache) blocks->block_cache->EraseUnRefEntries();
  }
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

std::optional<std::string> Index::last_key(std::string_view prefix, Table table) const {
  const std::unique_ptr<rocksdb::Iterator> iterator(
      state_->db->NewIterator(rocksdb::ReadOptions(), state_->tables[static_cast<int>(table)]));
  iterator->SeekForPrev(slice(keys::end_of(prefix)));
  if (iterator->Valid() && !view(iterator->key()).starts_with(prefix)) iterator->Prev();  // the end itself is a key
  check({iterator->status()});
  if (!iterator->Valid() || !view(iterator->key()).starts_with(prefix)) return std::nullopt;
  return std::string(view(iterator->key()));
}

bool Index::has_gone_back() const { return state_->has_gone_back; }

std::unique_ptr<Index::Cursor> Index::cursor(Table table) const {
  return std::make_unique<RocksCursor>(*state_->db, state_->tables[static_cast<int>(table)],
                                       [this](const rocksdb::Status& status) { check({status}); });
}

}  // namespace store
