// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mail_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <system_error>

#include "proto/base/clock.h"
#include "store/layout.h"
#include "store/mailbox_file.h"
#include "store/mailbox_impl.h"
#include "store/removal.h"
#include "store/store_lock.h"
#include "store/worker.h"

namespace store {

namespace {

namespace fs = std::filesystem;

std::unexpected<base::Refusal> outside(const imap::MailboxName& name) {
  return base::refuse(base::Reason::InvalidName,
                      name.utf8() + " would lie outside the store: a mailbox above it is a link");
}

class MailStoreImpl final : public MailStore {
 public:
  MailStoreImpl(fs::path root, StoreLock lock, StoreOptions options)
      : layout_(root), lock_(std::move(lock)), worker_(options.log) {
    core_.options = std::move(options);
    finish_removals(root);
    core_.index = Index::open(StoreLock::directory(root) / "index", core_.options.log, core_.options.on_corrupt_index);
    if (core_.options.watch) core_.watch = std::make_unique<Watch>(core_.options.log);
    core_.work_later = [this](std::shared_ptr<MailboxImpl> mailbox) { worker_.add(std::move(mailbox)); };
    if (core_.watch) core_.watch->set_after([this] { check_dirty(); });
  }

  ~MailStoreImpl() override {
    if (core_.watch) core_.watch->stop();  // nobody checks any more; those under way may still ask it
    worker_.drain();
    worker_.stop();
    for (const auto& mailbox : open_now()) settle(*mailbox);
  }

  const fs::path& root() const override { return layout_.root(); }
  char delimiter() const override { return layout_.delimiter(); }
  std::vector<MailboxEntry> list() override;
  bool exists(const imap::MailboxName& name) override {
    const auto directory = layout_.directory(name);
    return directory && Layout::is_maildir(*directory);
  }
  base::Result<std::shared_ptr<Mailbox>> open_mailbox(const imap::MailboxName& name) override;
  base::Result<void> create(const imap::MailboxName& name, const std::vector<std::string>& special_use) override;
  base::Result<void> remove(const imap::MailboxName& name) override;
  base::Result<void> rename(const imap::MailboxName& from, const imap::MailboxName& to) override;
  base::Result<void> set_subscribed(const imap::MailboxName& name, bool subscribed) override;
  Subscription subscribe(std::function<void(const StoreEvent&)> f) override {
    return core_.feed.subscribe(std::move(f));
  }

  std::optional<std::string> get_state(std::string_view key) override { return core_.index->get(keys::state(key)); }
  std::vector<std::pair<std::string, std::string>> get_states(std::string_view prefix) override {
    std::vector<std::pair<std::string, std::string>> out;
    for_each_state(prefix, [&](std::string_view key, std::string_view value) {
      out.emplace_back(key, value);
      return true;
    });
    return out;
  }
  void for_each_state(std::string_view prefix,
                      const std::function<bool(std::string_view, std::string_view)>& f) override {
    core_.index->scan(keys::state(prefix),
                      [&](std::string_view key, std::string_view value) { return f(key.substr(1), value); });
  }
  void put_state(const StateBatch& batch, bool durable) override {
    IndexBatch writes;
    for (const auto& [key, value] : batch.writes)
      value ? writes.put(keys::state(key), *value) : writes.erase(keys::state(key));
    core_.index->write(writes, durable && core_.options.sync_to_disk);
  }

  void drain_renames() override { worker_.drain(); }

 private:
  // UIDVALIDITY of a new mailbox: the time, and above any that this store ever gave, so that a name made anew is told
  // from the old one.
  imap::UidValidity fresh_validity();
  base::Result<fs::path> checked_directory(const imap::MailboxName& name);
  void announce(StoreEvent::Kind kind, const imap::MailboxName& name, const imap::MailboxName& to = {}) {
    StoreEvent event;
    event.kind = kind;
    event.mailbox = name;
    event.renamed_to = to;
    core_.feed.publish(event);
  }
  std::vector<std::shared_ptr<MailboxImpl>> open_now() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<MailboxImpl>> out;
    for (const auto& [name, mailbox] : mailboxes_) out.push_back(mailbox);
    return out;
  }
  void check_dirty();
  void settle(MailboxImpl& mailbox) const {
    try {
      mailbox.settle();
    } catch (const std::exception&) {  // it is read again when it is opened
    }
  }

  Layout layout_;
  StoreLock lock_;
  StoreCore core_;
  std::recursive_mutex mutex_;  // of the map and of changes to the set of mailboxes
  std::map<imap::MailboxName, std::shared_ptr<MailboxImpl>> mailboxes_;
  Worker worker_;  // ends first
};

void MailStoreImpl::check_dirty() {
  for (const auto& mailbox : open_now()) {
    if (!mailbox->wants_check()) continue;
    try {
      mailbox->check();
    } catch (const std::exception& error) {
      core_.options.log.warning("a mailbox cannot be checked",
                                {{"mailbox", mailbox->name().utf8()}, {"why", error.what()}});
    }
  }
}

imap::UidValidity MailStoreImpl::fresh_validity() {
  const auto path = StoreLock::directory(layout_.root()) / "uidvalidity";
  std::uint32_t last = 0;
  if (const auto text = base::read_file_if_exists(path))
    last = static_cast<std::uint32_t>(std::strtoul(text->c_str(), nullptr, 10));
  const auto value = std::max(static_cast<std::uint32_t>(base::unix_now()), last + 1);
  base::replace_file(path, std::to_string(value) + "\n");
  return imap::UidValidity(value);
}

base::Result<fs::path> MailStoreImpl::checked_directory(const imap::MailboxName& name) {
  auto directory = layout_.directory(name);
  if (directory && !Layout::is_maildir(*directory))
    return base::refuse(base::Reason::NoSuchMailbox, "there is no mailbox " + name.utf8());
  return directory;
}

base::Result<std::shared_ptr<Mailbox>> MailStoreImpl::open_mailbox(const imap::MailboxName& name) {
  const std::lock_guard lock(mutex_);
  const auto directory = checked_directory(name);
  if (!directory) {
    if (const auto it = mailboxes_.find(name); it != mailboxes_.end()) {  // its directory was taken away
      it->second->mark_deleted();
      mailboxes_.erase(it);
    }
    return std::unexpected(directory.error());
  }
  if (const auto it = mailboxes_.find(name); it != mailboxes_.end()) return it->second;
  try {
    for (const char* part : {"new", "tmp"}) base::make_directories(*directory / part);
    auto mailbox = std::make_shared<MailboxImpl>(core_, name, *directory);
    mailbox->start_watching();  // before the directory is read, so that nothing falls between
    mailbox->load([this] { return fresh_validity(); });
    mailboxes_.emplace(name, mailbox);
    worker_.add(mailbox);
    return mailbox;
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    return base::refuse(code == EACCES || code == EPERM ? base::Reason::NotPermitted
                        : code == ENOSPC                ? base::Reason::NoSpace
                                                        : base::Reason::Failed,
                        error.what());
  } catch (const std::runtime_error& error) {
    return base::refuse(base::Reason::Corrupt, error.what());
  }
}

std::vector<MailboxEntry> MailStoreImpl::list() {
  const std::lock_guard lock(mutex_);
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

base::Result<void> MailStoreImpl::create(const imap::MailboxName& name, const std::vector<std::string>& special_use) {
  {
    const std::lock_guard lock(mutex_);
    const auto directory = layout_.directory(name);
    if (!directory) return std::unexpected(directory.error());
    if (Layout::is_maildir(*directory))
      return base::refuse(base::Reason::AlreadyExists, "mailbox " + name.utf8() + " exists already");
    if (!layout_.lies_inside(*directory)) return outside(name);
    static const std::set<std::string, std::less<>> kUses{"\\All",  "\\Archive", "\\Drafts", "\\Flagged",
                                                          "\\Junk", "\\Sent",    "\\Trash"};
    for (const auto& use : special_use)
      if (!kUses.contains(use)) return base::refuse(base::Reason::UseAttr, "special use " + use + " is not known");
    try {
      Layout::make_maildir(*directory);
      MailboxFile file;
      file.uid_validity = fresh_validity();
      file.id = make_mailbox_id();
      file.write(*directory);
      if (!special_use.empty()) {
        auto uses = layout_.read_special_use();
        for (const auto& use : special_use) uses.emplace_back(use, name);
        layout_.write_special_use(uses);
      }
    } catch (const std::system_error& error) {
      std::error_code ignored;  // a mailbox that was not made is not there
      fs::remove(*directory / MailboxFile::kName, ignored);
      for (const char* part : {"cur", "new", "tmp", ""}) fs::remove(*directory / part, ignored);
      return base::refuse(error.code().value() == ENOSPC ? base::Reason::NoSpace : base::Reason::Failed, error.what());
    }
  }
  announce(StoreEvent::Kind::Created, name);
  return {};
}

// Mailboxes below stay.
base::Result<void> MailStoreImpl::remove(const imap::MailboxName& name) {
  if (name.is_inbox()) return base::refuse(base::Reason::InvalidName, "INBOX cannot be deleted");
  {
    const std::lock_guard lock(mutex_);
    const auto directory = layout_.directory(name);
    if (!directory) return std::unexpected(directory.error());
    if (!Layout::is_maildir(*directory)) {
      const bool children = std::ranges::any_of(
          layout_.walk(), [&](const Layout::Found& f) { return f.name.is_below(name, layout_.delimiter()); });
      if (children)
        return base::refuse(base::Reason::HasChildren, "mailbox " + name.utf8() + " is only a name above others");
      return base::refuse(base::Reason::NoSuchMailbox, "there is no mailbox " + name.utf8());
    }
    try {
      const auto aside = set_aside(layout_.root(), *directory);
      if (const auto it = mailboxes_.find(name); it != mailboxes_.end()) {
        const auto mailbox = it->second;
        mailboxes_.erase(it);
        mailbox->mark_deleted();
      }
      finish_removal(*directory, aside);
      auto uses = layout_.read_special_use();
      if (std::erase_if(uses, [&](const auto& use) { return use.second == name; }) > 0) layout_.write_special_use(uses);
    } catch (const std::system_error& error) {
      return base::refuse(base::Reason::Failed, error.what());
    }
  }
  announce(StoreEvent::Kind::Deleted, name);
  return {};
}

base::Result<void> MailStoreImpl::rename(const imap::MailboxName& from, const imap::MailboxName& to) {
  const char delimiter = layout_.delimiter();
  if (from.is_inbox()) {  // its messages move, and INBOX stays (RFC 9051 section 6.3.6)
    if (auto made = create(to, {}); !made) return made;
    auto source = open_mailbox(from);
    auto target = open_mailbox(to);
    if (!source) return std::unexpected(source.error());
    if (!target) return std::unexpected(target.error());
    imap::UidSet all;
    for (const auto uid : (*source)->uids()) all.add(uid);
    auto moved = (*source)->move_to(all, **target, {});
    if (!moved) return std::unexpected(moved.error());
    return {};
  }
  {
    const std::lock_guard lock(mutex_);
    const auto source = layout_.directory(from), target = layout_.directory(to);
    if (!source) return std::unexpected(source.error());
    if (!target) return std::unexpected(target.error());
    if (to.is_inbox() || Layout::is_maildir(*target))
      return base::refuse(base::Reason::AlreadyExists, "mailbox " + to.utf8() + " exists already");
    if (to == from || to.is_below(from, delimiter))
      return base::refuse(base::Reason::InvalidName, "a mailbox cannot be renamed into itself");
    if (!layout_.lies_inside(*target)) return outside(to);
    std::vector<std::pair<imap::MailboxName, imap::MailboxName>> names;  // the mailbox and those below
    for (const auto& found : layout_.walk())
      if (found.name == from || found.name.is_below(from, delimiter))
        names.emplace_back(found.name,
                           imap::MailboxName(to.utf8() + found.name.utf8().substr(from.utf8().size()), delimiter));
    if (names.empty()) return base::refuse(base::Reason::NoSuchMailbox, "there is no mailbox " + from.utf8());
    drain_renames();
    try {
      if (layout_.kind() == Layout::Kind::Fs) {
        base::make_directories(target->parent_path());
        std::error_code ignored;
        fs::remove(*target, ignored);  // an empty directory may be in the way
        base::rename_file(*source, *target);
        base::sync_directory(target->parent_path());
        base::sync_directory(source->parent_path());
      } else {
        for (const auto& [old_name, new_name] : names)
          base::rename_file(*layout_.directory(old_name), *layout_.directory(new_name));
        base::sync_directory(layout_.root());
      }
      for (const auto& [old_name, new_name] : names) {
        const auto it = mailboxes_.find(old_name);
        if (it == mailboxes_.end()) continue;
        auto mailbox = it->second;
        mailboxes_.erase(it);
        mailbox->renamed(new_name, *layout_.directory(new_name));
        mailboxes_.emplace(new_name, mailbox);
      }
      auto uses = layout_.read_special_use();
      bool changed = false;
      for (auto& use : uses)
        for (const auto& [old_name, new_name] : names)
          if (use.second == old_name) {
            use.second = new_name;
            changed = true;
            break;
          }
      if (changed) layout_.write_special_use(uses);
    } catch (const std::system_error& error) {
      return base::refuse(base::Reason::Failed, error.what());
    }
  }
  announce(StoreEvent::Kind::Renamed, from, to);
  return {};
}

base::Result<void> MailStoreImpl::set_subscribed(const imap::MailboxName& name, bool subscribed) {
  {
    const std::lock_guard lock(mutex_);
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
      return base::refuse(error.code().value() == ENOSPC ? base::Reason::NoSpace : base::Reason::Failed, error.what());
    }
  }
  announce(StoreEvent::Kind::Subscriptions, name);
  return {};
}

base::Result<void> check_root(const fs::path& root, bool create) {
  struct stat status{};
  if (::stat(root.c_str(), &status) < 0) {
    if (errno != ENOENT)
      return base::refuse(base::Reason::NotPermitted, root.string() + ": " + std::generic_category().message(errno));
    if (!create) return base::refuse(base::Reason::Failed, root.string() + " does not exist");
    base::make_directories(root);
    return {};
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
  if (fs::exists(root / ".postern")) return true;
  if (!Layout(root).walk().empty()) return true;
  return std::ranges::none_of(fs::directory_iterator(root), [](const fs::directory_entry& e) {
    return !e.path().filename().string().starts_with('.');
  });
}

}  // namespace

base::Result<std::unique_ptr<MailStore>> MailStore::open(const fs::path& given, StoreOptions options) {
  try {
    const auto root = fs::absolute(given).lexically_normal();
    if (auto good = check_root(root, options.create); !good) return std::unexpected(good.error());
    if (!looks_like_mail(root))
      return base::refuse(base::Reason::Failed, root.string() + " holds files but no mailbox: not a mail store");
    auto lock = StoreLock::take(root);
    if (!lock) return std::unexpected(lock.error());
    auto store = std::make_unique<MailStoreImpl>(root, std::move(*lock), std::move(options));
    if (!store->exists(imap::MailboxName::inbox()))
      if (auto made = store->create(imap::MailboxName::inbox(), {}); !made) return std::unexpected(made.error());
    return store;
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    return base::refuse(code == EACCES || code == EPERM ? base::Reason::NotPermitted
                        : code == ENOSPC                ? base::Reason::NoSpace
                                                        : base::Reason::Failed,
                        error.what());
  } catch (const Corruption& error) {
    return base::refuse(base::Reason::Corrupt, error.what());
  }
}

}  // namespace store
