// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/model/sync_disk.h"

namespace tests {

namespace {

void apply(std::map<std::string, std::string>& map, const store::StateBatch& batch) {
  for (const auto& [key, value] : batch.writes) {
    if (value)
      map.insert_or_assign(key, *value);
    else
      map.erase(key);
  }
}

class DiskStorage final : public mirror::JournalStorage {
 public:
  explicit DiskStorage(Disk& disk) : disk_(disk) {}
  void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
    for (const auto& [key, value] : disk_.contents())
      if (key.starts_with(prefix)) f(key, value);
  }
  void write(const store::StateBatch& batch, bool durable) override { disk_.write(batch, durable); }

 private:
  Disk& disk_;
};

class FusedStorage final : public mirror::JournalStorage {
 public:
  FusedStorage(std::unique_ptr<mirror::JournalStorage> storage, Fuse& fuse)
      : storage_(std::move(storage)), fuse_(fuse) {}
  void for_each(std::string_view prefix, const std::function<void(std::string_view, std::string_view)>& f) override {
    storage_->for_each(prefix, f);
  }
  void write(const store::StateBatch& batch, bool durable) override {
    fuse_.guard([&] { storage_->write(batch, durable); });
  }
  std::uint64_t unreadable() const override { return storage_->unreadable(); }
  void mend(const store::StateBatch& batch) override {
    fuse_.guard([&] { storage_->mend(batch); });
  }

 private:
  std::unique_ptr<mirror::JournalStorage> storage_;
  Fuse& fuse_;
};

}  // namespace

void Fuse::set(int step, End end) {
  const base::MutexLock lock(mutex_);
  left_ = step;
  end_ = end;
  set_ = true;
  burnt_ = false;
  steps_ = 0;
}

void Fuse::remove() {
  const base::MutexLock lock(mutex_);
  set_ = burnt_ = false;
  steps_ = 0;
}

bool Fuse::burnt() const {
  const base::MutexLock lock(mutex_);
  return burnt_;
}

int Fuse::steps() const {
  const base::MutexLock lock(mutex_);
  return steps_;
}

void Fuse::before() {
  const base::MutexLock lock(mutex_);
  ++steps_;
  if (set_ && !burnt_) {
    --left_;
    burnt_ = left_ < 0 || (left_ == 0 && end_ == End::Before);
  }
  if (burnt_) throw mirror::Failure(base::Reason::ConnectionLost, "the fuse has burnt");
}

void Fuse::after() {
  const base::MutexLock lock(mutex_);
  if (!set_ || left_ > 0) return;
  burnt_ = true;
  throw mirror::Failure(base::Reason::ConnectionLost, "the fuse has burnt, and the step was made");
}

void Disk::write(const store::StateBatch& batch, bool durable) {
  const base::MutexLock lock(mutex_);
  since_.push_back(batch);
  if (durable) settle();
}

void Disk::wait() {
  const base::MutexLock lock(mutex_);
  settle();
}

void Disk::settle() {
  for (const auto& one : since_) apply(durable_, one);
  since_.clear();
}

void Disk::cut_power(std::mt19937_64& random) {
  const base::MutexLock lock(mutex_);
  since_.resize(since_.empty() ? 0 : random() % (since_.size() + 1));
}

std::map<std::string, std::string> Disk::contents() const {
  const base::MutexLock lock(mutex_);
  auto out = durable_;
  for (const auto& one : since_) apply(out, one);
  return out;
}

std::unique_ptr<mirror::JournalStorage> make_disk_storage(Disk& disk, Fuse& fuse) {
  return make_fused_storage(std::make_unique<DiskStorage>(disk), fuse);
}

std::unique_ptr<mirror::JournalStorage> make_fused_storage(std::unique_ptr<mirror::JournalStorage> storage,
                                                           Fuse& fuse) {
  return std::make_unique<FusedStorage>(std::move(storage), fuse);
}

}  // namespace tests
