// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Contents: numbers for contents (content_record.h), those that are known by their ids, and the sweep of those that no
// message has any more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/base/mutex.h"
#include "store/index/content_record.h"
#include "store/index/index.h"

namespace store {

// Thread-safe.
class Contents {
 public:
  using Number = keys::ContentNumber;

  explicit Contents(Index& index);
  Contents(const Contents&) = delete;
  Contents& operator=(const Contents&) = delete;

  // A content to which a message is about to be linked. While this lives no sweep takes it away.
  class Use {
   public:
    Use(Contents& contents, Number number, keys::ContentRecord record)
        : contents_(&contents), number_(number), record_(std::move(record)) {}
    Use(Use&& other) noexcept : contents_(other.contents_), number_(other.number_), record_(std::move(other.record_)) {
      other.contents_ = nullptr;
    }
    Use& operator=(Use&&) = delete;
    ~Use() {
      if (contents_ != nullptr) contents_->release(*this);
    }
    Number number() const { return number_; }
    const std::string& sha256() const { return record_.sha256; }
    void put(IndexBatch& batch) const;  // into the batch that links the message
    const keys::ContentRecord& record() const { return record_; }

   private:
    friend class Contents;
    Contents* contents_;
    Number number_;
    keys::ContentRecord record_;
  };
  static void put(std::vector<const Use*> uses, IndexBatch& batch);  // many: keys in their order go in faster
  // The content with this id; without an id: a new one. Where nobody knows the id, the content `nameless` gets it.
  Use use(keys::ContentRecord record, Number nameless = 0);
  std::optional<keys::ContentRecord> find(Number number) const;

  // False: what the index says of contents may be wrong, and could not be erased (a full disk).
  bool are_usable() const { return usable_; }

  // To be called before the batch that unlinks them is written, which puts keys::sweep_wanted().
  void will_unlink(std::uint64_t count);
  bool wants_sweep() const;
  void sweep();

 private:
  friend class Use;
  void release(const Use& use);
  Number give_number() REQUIRES(mutex_);
  void forget_all(IndexBatch& batch) const;
  struct Dead {
    Number number;
    std::string sha256;
  };
  void sweep_window(Number from, Number limit);
  void sweep_dead(Number from, Number end, const std::vector<bool>& alive);
  void erase(std::vector<Dead>& dead);
  void put_erasures(IndexBatch& batch, const std::vector<Dead>& dead) const;

  Index& index_;
  bool usable_ = true;
  mutable base::Mutex mutex_;
  Number next_ GUARDED_BY(mutex_) = 1;
  Number reserved_ GUARDED_BY(mutex_) = 1;  // what the index says of it
  std::map<Number, std::uint32_t> in_use_ GUARDED_BY(mutex_);
  std::map<std::string, Number, std::less<>> new_ids_ GUARDED_BY(mutex_);  // of those in use
  bool sweeping_ GUARDED_BY(mutex_) = false;
  std::set<Number> spared_ GUARDED_BY(mutex_);  // those in use at any time since the sweep began
  std::set<Number> dying_ GUARDED_BY(mutex_);   // being erased just now
  std::uint64_t unlinked_ GUARDED_BY(mutex_) = 0;
};

}  // namespace store
