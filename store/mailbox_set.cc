// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The set of mailboxes: opened, made and renamed (removed: mailbox_removal.cc).
#include <algorithm>
#include <set>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/special_use.h"
#include "store/mail_store_impl.h"
#include "store/mailbox/refusal.h"
#include "store/maildir/delete_mailbox.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace fs = std::filesystem;

namespace {

std::unexpected<base::Refusal> exists_already(const imap::MailboxName& name) {
  return base::refuse(base::Reason::AlreadyExists, "mailbox " + name.utf8() + " exists already");
}

std::unexpected<base::Refusal> outside(const imap::MailboxName& name) {
  return base::refuse(base::Reason::InvalidName,
                      name.utf8() + " would lie outside the store: a mailbox above it is a link");
}

}  // namespace

bool MailStoreImpl::exists(const imap::MailboxName& name) {
  const auto directory = layout_.directory(name);
  return directory && layout_.is_mailbox(name, *directory);
}

MailStoreImpl::Held MailStoreImpl::hold(const imap::MailboxName& name) {
  for (;;) {
    Held out;
    {
      const base::MutexLock lock(mutex_);
      out.busy = slots_[name].busy;
    }
    out.lock = base::UniqueLock(*out.busy);
    const base::MutexLock lock(mutex_);
    if (const auto it = slots_.find(name); it != slots_.end() && it->second.busy == out.busy) return out;
  }
}

std::shared_ptr<MailboxImpl> MailStoreImpl::find_open(const imap::MailboxName& name) {
  const base::MutexLock lock(mutex_);
  const auto it = slots_.find(name);
  if (it == slots_.end()) return nullptr;
  it->second.used = std::chrono::steady_clock::now();
  return it->second.mailbox;
}

void MailStoreImpl::forget(const imap::MailboxName& name) {
  const base::MutexLock lock(mutex_);
  slots_.erase(name);
}

base::Result<std::shared_ptr<Mailbox>> MailStoreImpl::open_mailbox(const imap::MailboxName& name) {
  const auto directory = layout_.directory(name);
  if (!directory) return std::unexpected(directory.error());
  auto mailbox = find_open(name);
  if (mailbox && !mailbox->is_deleted() && !mailbox->is_displaced()) return mailbox;
  if (!mailbox && !layout_.is_mailbox(name, *directory)) return no_such_mailbox(name);
  const auto held = hold(name);
  mailbox = find_open(name);
  if (mailbox && (mailbox->is_deleted() || mailbox->is_displaced())) {
    mailbox->mark_deleted();
    mailbox.reset();
    const base::MutexLock lock(mutex_);
    slots_[name].mailbox.reset();
  }
  if (mailbox) return mailbox;
  if (!layout_.is_mailbox(name, *directory)) {
    forget(name);
    return no_such_mailbox(name);
  }
  auto out = load(name, *directory);
  if (!out) forget(name);
  return out;
}

// One directory, however many links lead there, is one mailbox at a time.
bool MailStoreImpl::claim_place(const std::shared_ptr<MailboxImpl>& mailbox, const fs::path& directory) {
  const auto place = MailboxImpl::place_of(directory);
  if (!place) return true;  // it is going: load() meets that
  const base::MutexLock lock(mutex_);
  std::erase_if(places_, [](const auto& entry) { return entry.second.expired(); });
  auto& there = places_[*place];
  if (const auto other = there.lock(); other && !other->is_deleted()) return false;
  there = mailbox;
  return true;
}

base::Result<std::shared_ptr<Mailbox>> MailStoreImpl::load(const imap::MailboxName& name, const fs::path& directory) {
  try {
    for (const char* part : {"new", "tmp"}) base::make_directories(directory / part);
    auto mailbox = std::make_shared<MailboxImpl>(core_, name, directory);
    if (!claim_place(mailbox, directory))
      return base::refuse(base::Reason::NoSuchMailbox, name.utf8() + " is another name of an open mailbox's directory");
    mailbox->start_watching();  // before the directory is read, so that nothing falls between
    mailbox->load([this] { return fresh_validity(); });
    {
      const base::MutexLock lock(mutex_);
      slots_[name].mailbox = mailbox;  // the name is held
    }
    worker_.add(mailbox);
    return mailbox;
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  } catch (const std::runtime_error& error) {
    return base::refuse(base::Reason::Corrupt, error.what());
  }
}

void MailStoreImpl::change_special_use(const std::function<bool(SpecialUses& uses)>& f) {
  const base::MutexLock lock(files_);
  auto uses = layout_.read_special_use();
  if (f(uses)) layout_.write_special_use(uses);
}

base::Result<void> MailStoreImpl::create(const imap::MailboxName& name, const std::vector<std::string>& special_use) {
  {
    const base::MutexLock structure(structure_);
    const auto directory = layout_.directory(name);
    if (!directory) return std::unexpected(directory.error());
    if (Layout::is_maildir(*directory)) return exists_already(name);
    if (!layout_.lies_inside(*directory)) return outside(name);
    const auto held = hold(name);
    for (const auto& use : special_use)
      if (std::ranges::find(imap::kSpecialUses, use) == imap::kSpecialUses.end())
        return base::refuse(base::Reason::UseAttr, "special use " + use + " is not known");
    try {
      Layout::make_maildir(*directory);
      MailboxFile file;
      file.uid_validity = fresh_validity();
      file.id = make_mailbox_id();
      file.write(*directory);
      if (!special_use.empty())
        change_special_use([&](auto& uses) {
          for (const auto& use : special_use) uses.emplace_back(use, name);
          return true;
        });
    } catch (const std::system_error& error) {
      std::error_code ignored;  // a mailbox that was not made is not there
      fs::remove(*directory / MailboxFile::kName, ignored);
      for (const char* part : {"cur", "new", "tmp", ""}) fs::remove(*directory / part, ignored);
      return std::unexpected(refusal_of(error));
    }
  }
  announce(StoreEvent::Kind::Created, name);
  return {};
}

// The mailbox and those below.
MailStoreImpl::Renames MailStoreImpl::renames_of(const imap::MailboxName& from, const imap::MailboxName& to) const {
  Renames out;
  for (const auto& found : layout_.walk())
    if (found.name == from || found.name.is_below(from, delimiter()))
      out.emplace_back(found.name,
                       imap::MailboxName(to.utf8() + found.name.utf8().substr(from.utf8().size()), delimiter()));
  return out;
}

bool MailStoreImpl::is_above_others(const imap::MailboxName& name, const Renames& but) const {
  return std::ranges::any_of(layout_.walk(), [&](const Layout::Found& found) {
    return found.selectable && found.name.is_below(name, delimiter()) &&
           std::ranges::find(but, found.name, &Renames::value_type::first) == but.end();
  });
}

base::Result<void> MailStoreImpl::rename(const imap::MailboxName& from, const imap::MailboxName& to) {
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
  try {
    const base::MutexLock structure(structure_);
    const auto source = layout_.directory(from), target = layout_.directory(to);
    if (!source) return std::unexpected(source.error());
    if (!target) return std::unexpected(target.error());
    if (to.is_inbox() || Layout::is_maildir(*target)) return exists_already(to);
    if (to == from || to.is_below(from, delimiter()))
      return base::refuse(base::Reason::InvalidName, "a mailbox cannot be renamed into itself");
    if (!layout_.lies_inside(*target)) return outside(to);
    const auto names = renames_of(from, to);
    if (names.empty()) return no_such_mailbox(from);
    // In Maildir++ the name above is no directory, and those below may go there.
    const bool flat = layout_.kind() == Layout::Kind::MaildirPlusPlus;
    if (is_above_others(to, flat ? names : Renames{})) return exists_already(to);
    rename_all(names);
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  }
  announce(StoreEvent::Kind::Renamed, from, to);
  return {};
}

void MailStoreImpl::rename_directories(const Renames& names) {
  if (layout_.kind() == Layout::Kind::MaildirPlusPlus) {
    for (const auto& [old_name, new_name] : names)
      base::rename_file(*layout_.directory(old_name), *layout_.directory(new_name));
    base::sync_directory(layout_.root());
    return;
  }
  const auto source = *layout_.directory(names.front().first), target = *layout_.directory(names.front().second);
  base::make_directories(target.parent_path());
  std::error_code ignored;
  fs::remove(target, ignored);  // an empty directory may be in the way
  base::rename_file(source, target);
  base::sync_directory(target.parent_path());
  base::sync_directory(source.parent_path());
  remove_empty_above(layout_.root(), source);
}

// Nobody works in these mailboxes while their directories go elsewhere.
void MailStoreImpl::rename_all(const Renames& names) {
  const Foreground::Busy busy(core_.foreground);
  std::set<imap::MailboxName> all;
  for (const auto& [old_name, new_name] : names) all.insert({old_name, new_name});
  std::vector<Held> held;
  for (const auto& name : all) held.push_back(hold(name));
  std::vector<std::shared_ptr<MailboxImpl>> mailboxes;  // as names
  std::vector<MailboxImpl::Paused> paused;
  for (const auto& [old_name, new_name] : names) {
    mailboxes.push_back(find_open(old_name));
    if (mailboxes.back()) paused.push_back(mailboxes.back()->pause());
  }
  rename_directories(names);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (mailboxes[i]) mailboxes[i]->renamed(names[i].second, *layout_.directory(names[i].second));
  {
    const base::MutexLock lock(mutex_);
    for (const auto& name : all) slots_.erase(name);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!mailboxes[i]) continue;
      slots_[names[i].second].mailbox = mailboxes[i];
    }
  }
  paused.clear();
  change_special_use([&](auto& uses) {
    bool changed = false;
    for (auto& use : uses)
      if (const auto it = std::ranges::find(names, use.second, &Renames::value_type::first); it != names.end()) {
        use.second = it->second;
        changed = true;
      }
    return changed;
  });
}

}  // namespace store
