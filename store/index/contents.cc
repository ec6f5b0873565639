// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Numbers. A number that is in the index, or may be, is never given to another text: else a message would get the
// header of another. Numbers are reserved in blocks, by a write that comes before all writes that use them; the
// write-ahead log keeps that order through crashes. The table Content has no such log, and may know numbers that the
// log has lost: numbers begin above all that are met in it.
//
// Whom to believe. A program of before knows nothing of contents and leaves their links alone while it changes
// messages: when the index was opened by one since, or has gone back, all contents are forgotten, and made again on
// need.
//
// The sweep. Messages are unlinked by erasing their links, with their rows, in one batch; counting links instead would
// cost two reads and a write for each message, and a lock that all mailboxes share. The contents that nobody has any
// more are found later:
// 1. Mark: all links are read, in one snapshot of the index; numbers that are linked are alive.
// 2. Any other content is erased, its id and its parts with it, in one batch of many.
// It is safe beside commits: a copy's link is made while its original is locked, so either is in any snapshot; whoever
// links a message to a content by its id uses it (Use) from before he looks until his link is written, and the sweep
// spares what was in use at any time since its snapshot. It is safe in crashes: a batch is whole or not at all, an
// erased content has no link, and what was not erased is found by the next sweep, as keys::sweep_wanted() stays until
// a sweep ends without anything having been unlinked meanwhile. Parts that a reader writes for a content that was
// swept under it stay, and are in nobody's way.
//
// Memory: a bit for each number of a window, and a sweep goes from window to window.
#include "store/index/contents.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "proto/base/files.h"

namespace store {

namespace {

using Number = keys::ContentNumber;

constexpr Number kReserved = 4096;    // numbers that one write reserves
constexpr Number kWindow = 1u << 20;  // numbers that are swept at a time
constexpr std::size_t kPiece = 1000;  // contents erased in one batch
constexpr Number kMany = 32;          // from here on neighbours are erased as one range
constexpr std::uint64_t kUnlinkedWorthASweep = 1000;

const std::string kRecords = "k";

std::optional<Number> first_record_from(const Index& index, Number from) {
  std::optional<Number> out;
  const auto found = [&](std::string_view key, std::string_view) {
    out = keys::number_at_end(key);
    return !out;
  };
  index.scan(kRecords, found, Table::Rows, keys::content_record(from));
  return out;
}

void erase_numbers(IndexBatch& batch, Number begin, Number end) {
  if (end - begin >= kMany) {
    batch.erase_range(keys::content_record(begin), keys::content_record(end));
    for (const auto part : keys::kContentParts)
      batch.erase_range(keys::content_part(part, begin), keys::content_part(part, end), Table::Content);
    return;
  }
  for (auto number = begin; number < end; ++number) {
    batch.erase(keys::content_record(number));
    for (const auto part : keys::kContentParts) batch.erase(keys::content_part(part, number), Table::Content);
  }
}

}  // namespace

Contents::Contents(Index& index) : index_(index) {
  const auto opening = keys::digits(index_.get(keys::openings()));
  const auto last = index_.get(keys::contents_opening());
  const bool believed = last && keys::digits(last) + 1 >= opening && !index_.has_gone_back();
  next_ = std::max<Number>(1, keys::digits(index_.get(keys::numbers_given())));
  for (const auto part : keys::kContentParts)
    if (const auto key = index_.last_key(std::string(1, static_cast<char>(part)), Table::Content))
      next_ = std::max(next_, keys::number_at_end(*key).value_or(0) + 1);
  reserved_ = next_;
  IndexBatch batch;
  if (!believed) forget_all(batch);
  batch.put(keys::contents_opening(), std::to_string(opening));
  try {
    index_.write(batch, false);
  } catch (const std::system_error& error) {
    if (!base::is_disk_full(error.code())) throw;  // a full disk can be read
    usable_ = believed;
  }
  if (believed && index_.get(keys::sweep_wanted())) unlinked_ = kUnlinkedWorthASweep;
}

void Contents::forget_all(IndexBatch& batch) const {
  for (const auto& prefix : {keys::content_link_prefix(""), kRecords, keys::content_number("")})
    batch.erase_range(prefix, keys::end_of(prefix));
  batch.erase_range({}, "\xFF", Table::Content);
}

Number Contents::give_number() {
  if (next_ == reserved_) {
    IndexBatch batch;
    batch.put(keys::numbers_given(), std::to_string(reserved_ + kReserved));
    index_.write(batch, false);
    reserved_ += kReserved;
  }
  return next_++;
}

Contents::Use Contents::use(keys::ContentRecord record, Number nameless) {
  std::optional<Number> number;
  if (!record.sha256.empty() && usable_)
    if (const auto known = index_.get(keys::content_number(record.sha256))) number = keys::decode_number(*known);
  const base::MutexLock lock(mutex_);
  if (number && dying_.contains(*number)) number.reset();
  if (const auto it = new_ids_.find(record.sha256); !number && it != new_ids_.end()) number = it->second;
  if (!number) {
    number = nameless != 0 && !dying_.contains(nameless) ? nameless : give_number();
    if (!record.sha256.empty()) new_ids_.emplace(record.sha256, *number);
  }
  ++in_use_[*number];
  if (sweeping_) spared_.insert(*number);
  return {*this, *number, std::move(record)};
}

void Contents::release(const Use& use) {
  const base::MutexLock lock(mutex_);
  const auto it = in_use_.find(use.number_);
  if (--it->second > 0) return;
  in_use_.erase(it);
  new_ids_.erase(use.record_.sha256);
}

void Contents::Use::put(IndexBatch& batch) const {
  batch.put(keys::content_record(number_), keys::encode(record_));
  if (!record_.sha256.empty()) batch.put(keys::content_number(record_.sha256), keys::encode_number(number_));
}

void Contents::put(std::vector<const Use*> uses, IndexBatch& batch) {
  for (const auto* use : uses) batch.put(keys::content_record(use->number()), keys::encode(use->record()));
  std::erase_if(uses, [](const Use* use) { return use->sha256().empty(); });
  std::ranges::sort(uses, {}, &Use::sha256);
  for (const auto* use : uses) batch.put(keys::content_number(use->sha256()), keys::encode_number(use->number()));
}

std::optional<keys::ContentRecord> Contents::find(Number number) const {
  const auto stored = index_.get(keys::content_record(number));
  return stored ? keys::decode_content_record(*stored) : std::nullopt;
}

void Contents::will_unlink(std::uint64_t count) {
  const base::MutexLock lock(mutex_);
  unlinked_ += count;
}

bool Contents::wants_sweep() const {
  const base::MutexLock lock(mutex_);
  return usable_ && unlinked_ >= kUnlinkedWorthASweep;
}

void Contents::sweep() {
  Number limit = 0;
  {
    const base::MutexLock lock(mutex_);
    unlinked_ = 0;
    limit = next_;
  }
  for (auto from = first_record_from(index_, 0); from && *from < limit;) {
    sweep_window(*from, limit);
    from = first_record_from(index_, *from + kWindow);
  }
  const base::MutexLock lock(mutex_);
  if (unlinked_ > 0) return;
  IndexBatch batch;
  batch.erase(keys::sweep_wanted());
  index_.write(batch, false);
}

void Contents::sweep_window(Number from, Number limit) {
  {
    const base::MutexLock lock(mutex_);
    sweeping_ = true;
    for (const auto& [number, count] : in_use_) spared_.insert(number);
  }
  const auto end = std::min(from + kWindow, limit);
  const auto finish = [this] {
    const base::MutexLock lock(mutex_);
    sweeping_ = false;
    spared_.clear();
    dying_.clear();
  };
  try {
    std::vector<bool> alive(end - from);
    index_.scan(keys::content_link_prefix(""), [&](std::string_view, std::string_view value) {
      const auto link = keys::decode_content_link(value);
      if (link && link->number >= from && link->number < end) alive[link->number - from] = true;
      return true;
    });
    sweep_dead(from, end, alive);
  } catch (...) {  // what was not erased is found by the next sweep
    finish();
    throw;
  }
  finish();
}

void Contents::sweep_dead(Number from, Number end, const std::vector<bool>& alive) {
  std::vector<Dead> dead;
  const auto look = [&](std::string_view key, std::string_view value) {
    const auto number = keys::number_at_end(key);
    if (!number) return true;
    if (*number >= end) return false;
    if (alive[*number - from]) return true;
    auto record = keys::decode_content_record(value);
    dead.push_back({*number, record ? std::move(record->sha256) : std::string()});
    if (dead.size() == kPiece) erase(dead);
    return true;
  };
  index_.scan(kRecords, look, Table::Rows, keys::content_record(from));
  erase(dead);
}

void Contents::erase(std::vector<Dead>& dead) {
  {
    const base::MutexLock lock(mutex_);
    std::erase_if(dead, [&](const Dead& content) REQUIRES(mutex_) { return spared_.contains(content.number); });
    for (const auto& content : dead) dying_.insert(content.number);
  }
  IndexBatch batch;
  put_erasures(batch, dead);
  if (!batch.empty()) index_.write(batch, false);
  dead.clear();
  const base::MutexLock lock(mutex_);
  dying_.clear();
}

void Contents::put_erasures(IndexBatch& batch, const std::vector<Dead>& dead) const {
  for (std::size_t begin = 0, end = 0; begin < dead.size(); begin = end) {
    do ++end;
    while (end < dead.size() && dead[end].number == dead[end - 1].number + 1);
    erase_numbers(batch, dead[begin].number, dead[end - 1].number + 1);
  }
  for (const auto& content : dead) {
    if (content.sha256.empty()) continue;
    const auto key = keys::content_number(content.sha256);
    const auto known = index_.get(key);  // it may be another content's by now
    if (known && keys::decode_number(*known) == content.number) batch.erase(key);
  }
}

}  // namespace store
