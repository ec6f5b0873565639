// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mail_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/fail_point.h"
#include "proto/base/memory.h"
#include "store/copied_messages.h"
#include "store/mail_store_impl.h"
#include "store/mailbox/arrived_message.h"
#include "store/mailbox/refusal.h"
#include "store/maildir/delete_mailbox.h"
#include "store/maildir/mailbox_file.h"
#include "store/owner/store_format.h"

namespace store {

namespace fs = std::filesystem;

MailStoreImpl::MailStoreImpl(fs::path root, StoreLock lock, StoreOptions options)
    : layout_(root), lock_(std::move(lock)), worker_(options.log, [this] {
        forget_unused(core_.options.forget_after);
        for (const auto& mailbox : open_now()) mailbox->look_after_keys();
        sweep_contents();
        sweep_removed();
        sweep_ledger();
        give_back_cached();
        base::give_back_free_memory();  // what large commands and forgotten mailboxes held
      }) {
  core_.options = std::move(options);
  core_.root = root;
  forget_arrivals(root);
  {
    auto removed = std::make_unique<RemovedMail>(StoreLock::directory(root) / "removed", core_.options.log,
                                                 core_.options.sync_to_disk);
    auto ledger = std::make_unique<Ledger>(StoreLock::directory(root) / "ledger", core_.options.log);
    const base::MutexLock lock(mutex_);  // the worker may ask for them
    core_.ledger = std::move(ledger);
    core_.removed = std::move(removed);
  }
  finish_removals(root, [this](const fs::path& aside, const fs::path& directory) { keep_mailbox(aside, directory); });
  core_.index = Index::open(StoreLock::directory(root) / "index", core_.options.log, core_.options.on_corrupt_index);
  auto contents = std::make_unique<Contents>(*core_.index);
  {
    const base::MutexLock lock(mutex_);  // the worker may ask for it
    core_.contents = std::move(contents);
  }
  core_.notes_copies = get_state(kNotesCopies).has_value();
  if (core_.notes_copies) forget_old_notes();
  if (core_.options.watch) core_.watch = std::make_unique<Watch>(core_.options.log);
  core_.work_later = [this](std::shared_ptr<MailboxImpl> mailbox) { worker_.add(std::move(mailbox)); };
  if (core_.watch) core_.watch->set_after([this] { check_dirty(); });
}

void MailStoreImpl::note_copies() {
  if (core_.notes_copies.exchange(true)) return;
  StateBatch batch;
  batch.put(std::string(kNotesCopies), "");
  put_state(batch, false);
}

// Nobody has asked for them, in a month: there is no sync any more.
void MailStoreImpl::forget_old_notes() {
  constexpr std::int64_t kOld = 30 * 24 * 3600;
  StateBatch batch;
  const auto now = base::unix_now();
  for_each_state(kCopied, [&](std::string_view key, std::string_view value) {
    const auto note = CopyNote::of(key, value);
    if (!note || now - note->when > kOld) batch.erase(std::string(key));
    return true;
  });
  if (!batch.writes.empty()) put_state(batch, false);
}

MailStoreImpl::~MailStoreImpl() {
  if (core_.watch) core_.watch->stop();  // nobody checks any more; those under way may still ask it
  const Foreground::Hurry hurry(core_.foreground);
  worker_.drain(core_.options.patience);
  worker_.stop();
  for (const auto& mailbox : open_now()) try {
      mailbox->settle();
    } catch (...) {  // it is read again when it is opened
    }
}

Subscription MailStoreImpl::subscribe(std::function<void(const StoreEvent&)> f) {
  return core_.feed.subscribe(std::move(f));
}

void MailStoreImpl::announce(StoreEvent::Kind kind, const imap::MailboxName& name, const imap::MailboxName& to) {
  StoreEvent event;
  event.kind = kind;
  event.mailbox = name;
  event.renamed_to = to;
  core_.feed.publish(event);
}

std::optional<std::string> MailStoreImpl::get_state(std::string_view key) { return core_.index->get(keys::state(key)); }

std::vector<std::pair<std::string, std::string>> MailStoreImpl::get_states(std::string_view prefix) {
  std::vector<std::pair<std::string, std::string>> out;
  for_each_state(prefix, [&](std::string_view key, std::string_view value) {
    out.emplace_back(key, value);
    return true;
  });
  return out;
}

void MailStoreImpl::for_each_state(std::string_view prefix,
                                   const std::function<bool(std::string_view, std::string_view)>& f) {
  core_.index->scan(keys::state(prefix),
                    [&](std::string_view key, std::string_view value) { return f(key.substr(1), value); });
}

void MailStoreImpl::put_state(const StateBatch& batch, bool durable) {
  IndexBatch writes;
  for (const auto& [key, value] : batch.writes)
    value ? writes.put(keys::state(key), *value) : writes.erase(keys::state(key));
  core_.index->write(writes, durable && core_.options.sync_to_disk);
}

std::vector<std::shared_ptr<MailboxImpl>> MailStoreImpl::open_now() {
  const base::MutexLock lock(mutex_);
  std::vector<std::shared_ptr<MailboxImpl>> out;
  for (const auto& [name, slot] : slots_)
    if (slot.mailbox) out.push_back(slot.mailbox);
  return out;
}

void MailStoreImpl::check_dirty() {
  for (const auto& mailbox : open_now()) {
    if (!mailbox->wants_check()) continue;
    try {
      mailbox->check_soon();
    } catch (const base::SimulatedCrash&) {
      return;
    } catch (const std::exception& error) {
      core_.options.log.warning("a mailbox cannot be checked",
                                {{"mailbox", mailbox->name().utf8()}, {"why", error.what()}});
    }
  }
}

// Of the mailboxes: an old .postern that was put back does not know those given since. It waits for no file.
static std::uint32_t highest_validity(const Layout& layout) {
  std::uint32_t out = 0;
  for (const auto& found : layout.walk()) {
    const auto path = found.directory / MailboxFile::kName;
    const base::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    std::string text(256, 0);  // it is in the second line
    if (!file || ::pread(file.get(), text.data(), text.size() - 1, 0) <= 0) continue;
    const auto at = std::min(text.find("\nuidvalidity "), text.size() - 13);
    out = std::max(out, static_cast<std::uint32_t>(std::strtoul(text.c_str() + at + 13, nullptr, 10)));
  }
  return out;
}

// The file says what is the last of those that may have been given: many are reserved by one write.
imap::UidValidity MailStoreImpl::fresh_validity() {
  constexpr std::uint32_t kReserved = 64;
  const base::MutexLock lock(files_);
  const auto path = StoreLock::directory(layout_.root()) / "uidvalidity";
  if (validity_given_ == 0) {
    const auto text = base::read_file_if_exists(path).value_or("");
    validity_given_ = static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 10));
    validity_given_ = std::max(validity_given_, highest_validity(layout_));
  }
  const auto value = std::max(static_cast<std::uint32_t>(base::unix_now()), validity_given_ + 1);
  if (value > validity_reserved_) {
    base::replace_file(path, std::to_string(value + kReserved) + "\n");
    validity_reserved_ = value + kReserved;
  }
  validity_given_ = value;
  return imap::UidValidity(value);
}

std::vector<MailboxEntry> MailStoreImpl::list() {
  const base::MutexLock lock(structure_);
  const char delimiter = layout_.delimiter();
  std::map<imap::MailboxName, MailboxEntry> entries;
  const auto entry = [&](const imap::MailboxName& name) -> MailboxEntry& {
    auto& out = entries[name];
    if (out.name.empty()) {
      out.name = name;
      out.exists = out.selectable = false;
    }
    return out;
  };
  for (const auto& found : layout_.walk()) {
    auto& e = entry(found.name);
    e.exists = e.exists || found.selectable;
    e.selectable = e.selectable || found.selectable;
    // A directory between counts as existing only for its children.
    for (auto parent = found.name.parent(delimiter); found.selectable && parent; parent = parent->parent(delimiter))
      entry(*parent).has_children = true;
  }
  std::erase_if(entries, [](const auto& e) { return !e.second.selectable && !e.second.has_children; });
  for (auto& [name, e] : entries)
    if (!e.selectable) e.exists = true;  // \Noselect: a directory that holds mailboxes
  for (const auto& name : layout_.read_subscriptions()) entry(name).subscribed = true;
  for (const auto& [use, name] : layout_.read_special_use())
    if (const auto it = entries.find(name); it != entries.end()) it->second.special_use.push_back(use);
  std::vector<MailboxEntry> out;
  for (auto& [name, e] : entries) out.push_back(std::move(e));
  return out;
}

base::Result<void> MailStoreImpl::set_subscribed(const imap::MailboxName& name, bool subscribed) {
  {
    const base::MutexLock lock(files_);
    const auto directory = layout_.directory(name);
    if (!directory) return std::unexpected(directory.error());
    auto names = layout_.read_subscriptions();
    const auto it = std::ranges::find(names, name);
    if ((it != names.end()) == subscribed) return {};
    if (subscribed)
      names.push_back(name);
    else
      names.erase(it);
    try {
      layout_.write_subscriptions(names);
    } catch (const std::system_error& error) {
      return std::unexpected(refusal_of(error));
    }
  }
  announce(StoreEvent::Kind::Subscriptions, name);
  return {};
}

namespace {

base::Result<void> check_root(const fs::path& root) {
  struct stat status{};
  if (::stat(root.c_str(), &status) < 0) {
    if (errno == ENOENT) return {};
    return base::refuse(base::Reason::NotPermitted, root.string() + ": " + std::generic_category().message(errno));
  }
  if (!S_ISDIR(status.st_mode)) return base::refuse(base::Reason::Failed, root.string() + " is not a directory");
  if (status.st_uid != ::geteuid())
    return base::refuse(base::Reason::NotPermitted, root.string() + " belongs to another user");
  if (::access(root.c_str(), R_OK | W_OK | X_OK) < 0)
    return base::refuse(base::Reason::NotPermitted, root.string() + " is not readable and writable");
  return {};
}

// A directory with things in it of which none is mail is somebody's mistake, not a store to be filled.
bool looks_like_mail(const fs::path& root) {
  if (!fs::exists(root) || fs::exists(root / ".postern" / "lock")) return true;
  if (std::ranges::any_of(Layout(root).walk(), &Layout::Found::selectable)) return true;
  return std::ranges::none_of(fs::directory_iterator(root), [](const fs::directory_entry& e) {
    return !e.path().filename().string().starts_with('.');
  });
}

}  // namespace

base::Result<void> MailStore::check(const fs::path& given) {
  try {
    const auto root = fs::absolute(given).lexically_normal();
    if (auto good = check_root(root); !good) return good;
    if (!looks_like_mail(root))
      return base::refuse(base::Reason::Failed, root.string() + " holds files but no mailbox: not a mail store");
    return check_format(root);
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  }
}

base::Result<std::unique_ptr<MailStore>> MailStore::open(const fs::path& given, StoreOptions options) {
  try {
    if (auto good = check(given); !good) return std::unexpected(good.error());
    const auto root = fs::absolute(given).lexically_normal();
    if (!options.create && !fs::exists(root))
      return base::refuse(base::Reason::Failed, root.string() + " does not exist");
    base::make_directories(root);
    auto lock = StoreLock::take(root);
    if (!lock) return std::unexpected(lock.error());
    mark_format(root);
    auto store = std::make_unique<MailStoreImpl>(root, std::move(*lock), std::move(options));
    if (!store->exists(imap::MailboxName::inbox()))
      if (auto made = store->create(imap::MailboxName::inbox(), {}); !made) return std::unexpected(made.error());
    return store;
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  } catch (const Corruption& error) {
    return base::refuse(base::Reason::Corrupt, error.what());
  }
}

}  // namespace store
