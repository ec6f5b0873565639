// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/layout.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "proto/base/files.h"
#include "proto/base/lines.h"
#include "store/maildir/disk_name.h"

namespace store {

namespace {

namespace fs = std::filesystem;

// Directories in a directory, by name, links to directories included.
std::vector<std::string> subdirectories(const fs::path& directory) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(directory.c_str()), &::closedir);
  if (!dir) {
    if (errno == ENOENT || errno == EACCES) return out;  // a directory that is closed to us hides what is in it
    throw std::system_error(errno, std::generic_category(), directory.string());
  }
  while (const auto* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) {
      struct stat status{};
      is_directory = ::stat((directory / name).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    }
    if (is_directory) out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

bool lies_there(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

bool lies_there_as_directory(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// A directory that lies there under the plain name (in UTF-8, or that of a file of ours) is found under that; what is
// no directory is in nobody's way.
std::string entry_of(const fs::path& parent, const std::string& part) {
  const auto name = disk_name(part);
  if (lies_there(parent / name)) return lies_there_as_directory(parent / name) ? name : escape_first(part);
  const bool may_be_plain = !part.starts_with('.') && !is_maildir_part(part) && name_on_disk(part, 0).utf8() == part;
  return name != part && may_be_plain && lies_there_as_directory(parent / part) ? part : name;
}

}  // namespace

bool Layout::is_maildir(const fs::path& directory) {
  struct stat status{};
  return ::stat((directory / "cur").c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool Layout::is_mailbox(const imap::MailboxName& name, const fs::path& directory) const {
  return is_maildir(directory) && (name.is_inbox() || !is_another_name(directory));
}

bool Layout::is_another_name(const fs::path& path) const {
  std::error_code error;
  const auto root = fs::canonical(root_, error), place = fs::canonical(path, error);
  if (error || place == root / path.lexically_relative(root_)) return false;
  const auto inside = place.lexically_relative(root);
  if (inside == ".") return inbox_is_root_;
  const bool dotted = kind_ == Kind::MaildirPlusPlus;
  if (dotted && inside.has_parent_path()) return false;
  return std::ranges::all_of(inside, [&](const fs::path& part) {
    return part.native().starts_with('.') == dotted && part != ".postern" && !is_maildir_part(part.native());
  });
}

void Layout::make_maildir(const fs::path& directory) {
  std::vector<fs::path> changed;  // those above that get an entry
  for (auto path = directory; !path.empty() && !lies_there(path); path = path.parent_path())
    changed.push_back(path.parent_path());
  base::make_directories(directory);
  for (const char* part : {"tmp", "new", "cur"}) base::make_directories(directory / part);
  for (const auto& path : changed) base::sync_directory(path);
}

void Layout::look_below_root() {
  bool dotted = false, plain = false;
  bool has_inbox = is_maildir(root_ / inbox_);
  for (const auto& name : subdirectories(root_)) {
    if (name.starts_with('.')) continue;
    if (!has_inbox && imap::MailboxName(name).is_inbox() && is_maildir(root_ / name)) {
      inbox_ = name;
      has_inbox = true;
    }
    if (!lies_there_as_directory(root_ / name)) continue;  // a mount that is gone
    for (const auto& below : subdirectories(root_ / name)) {
      if (is_maildir_part(below)) continue;
      (below.starts_with('.') ? dotted : plain) |= is_maildir(root_ / name / below);
    }
  }
  dotted_below_ = dotted && !plain;
}

Layout::Layout(fs::path root) : root_(std::move(root)) {
  inbox_is_root_ = is_maildir(root_);
  if (!inbox_is_root_) {
    look_below_root();
    return;
  }
  bool dotted = false, plain = false;
  for (const auto& name : subdirectories(root_)) {
    if (is_maildir_part(name) || name == ".postern") continue;
    if (name.starts_with('.'))
      dotted = dotted || is_maildir(root_ / name);
    else
      plain = true;
  }
  if (dotted || !plain) kind_ = Kind::MaildirPlusPlus;
}

base::Result<fs::path> Layout::directory(const imap::MailboxName& name) const {
  const auto refuse = [](const char* why) { return base::refuse(base::Reason::InvalidName, why); };
  if (name.empty()) return refuse("a mailbox name must not be empty");
  if (name.is_inbox()) return inbox_is_root_ ? root_ : root_ / inbox_;
  const auto& text = name.utf8();
  if (text.size() > 2000) return refuse("the mailbox name is too long");
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return refuse("a mailbox name must not hold control characters");
  if (text.front() == '~') return refuse("a mailbox name must not begin with '~'");
  fs::path out = root_;
  std::string joined;
  for (const auto& component : name.components(delimiter())) {
    if (component.empty()) return refuse("a mailbox name must not have empty parts");
    if (component == "." || component == "..") return refuse("a mailbox name must not have '.' or '..' as a part");
    const auto encoded = kind_ == Kind::Fs ? disk_name(component) : dotted_disk_name(component);
    if (encoded.size() > 250) return refuse("a part of the mailbox name is too long");
    if (kind_ == Kind::Fs && out == root_ && component == "INBOX" && !inbox_is_root_)
      out /= inbox_;
    else if (kind_ == Kind::Fs)
      out /= dotted_below_ && out != root_ ? "." + disk_name(component) : entry_of(out, component);
    else
      joined += "." + encoded;
  }
  if (kind_ == Kind::Fs) return out;
  if (joined == ".postern") joined = "." + escape_first(text);  // the store's own directory
  if (joined.size() > 250) return refuse("the mailbox name is too long");
  const auto plain = "." + text;
  const bool may_be_plain =
      plain != ".postern" && plain.find('/') == std::string::npos && name_on_disk(text, delimiter()).utf8() == text;
  const bool lies_plain = plain != joined && may_be_plain && !lies_there(root_ / joined) && lies_there(root_ / plain);
  return root_ / (lies_plain ? plain : joined);
}

bool Layout::lies_inside(const fs::path& path) const {
  const auto root = fs::canonical(root_), place = fs::weakly_canonical(path);
  return std::ranges::mismatch(root, place).in1 == root.end();
}

void Layout::walk_fs(const fs::path& directory, const std::string& prefix, std::vector<Place>& above,
                     std::vector<Found>& out) const {
  struct stat status{};
  if (::stat(directory.c_str(), &status) < 0) return;
  const Place here{status.st_dev, status.st_ino};
  if (std::ranges::find(above, here) != above.end()) return;  // links in a circle
  above.push_back(here);
  for (const auto& entry : subdirectories(directory)) {
    const bool dotted = dotted_below_ && above.size() > 1;
    if (entry.starts_with('.') != dotted || is_maildir_part(entry)) continue;
    const auto path = directory / entry;
    if (fs::is_symlink(path) && is_another_name(path)) continue;
    const auto text = prefix + name_on_disk(entry.substr(dotted ? 1 : 0), 0).utf8();
    const imap::MailboxName name(text, '/');
    if (above.size() == 1 && name.is_inbox() && (inbox_is_root_ || entry != inbox_)) {
      // Not INBOX, which lies elsewhere; but mailboxes below it have names.
      if (inbox_is_root_ && entry == "INBOX") walk_fs(path, text + "/", above, out);
      continue;
    }
    out.push_back({name, path, is_maildir(path)});
    walk_fs(path, text + "/", above, out);
  }
  above.pop_back();
}

std::vector<Layout::Found> Layout::walk() const {
  std::vector<Found> out;
  if (inbox_is_root_) out.push_back({imap::MailboxName::inbox(), root_, true});
  if (kind_ == Kind::Fs) {
    std::vector<Place> above;
    walk_fs(root_, "", above, out);
  } else {
    for (const auto& entry : subdirectories(root_)) {
      const auto path = root_ / entry;
      if (!entry.starts_with('.') || entry == ".postern" || !is_maildir(path)) continue;
      if (fs::is_symlink(path) && is_another_name(path)) continue;
      const auto name = name_on_disk(entry.substr(1), '.');
      if (!name.is_inbox()) out.push_back({name, path, true});
    }
  }
  std::ranges::sort(out, {}, &Found::name);
  return out;
}

// Dovecot's format: lines of names in modified UTF-7; with a first line "V\t2" the hierarchy is separated by tabs, else
// by the delimiter.
std::vector<imap::MailboxName> Layout::read_subscriptions() const {
  std::vector<imap::MailboxName> out;
  const auto text = base::read_file_if_exists(root_ / "subscriptions");
  if (!text) return out;
  bool two = false;
  std::string_view rest = *text;
  while (const auto next = base::take_line(rest)) {
    std::string line(*next);
    if (line.starts_with("V\t")) {
      two = true;
      continue;
    }
    if (line.empty()) continue;
    if (two) std::ranges::replace(line, '\t', delimiter());
    out.push_back(name_on_disk(line, delimiter()));
  }
  return out;
}

void Layout::write_subscriptions(const std::vector<imap::MailboxName>& names) const {
  std::string text = "V\t2\n\n";
  for (const auto& name : names) {
    bool first = true;
    for (const auto& component : name.components(delimiter())) {
      if (!first) text += '\t';
      first = false;
      text += imap::encode_modified_utf7(component);
    }
    text += '\n';
  }
  base::replace_file(root_ / "subscriptions", text);
}

std::vector<std::pair<std::string, imap::MailboxName>> Layout::read_special_use() const {
  std::vector<std::pair<std::string, imap::MailboxName>> out;
  const auto text = base::read_file_if_exists(root_ / "postern-special-use");
  if (!text) return out;
  std::string_view rest = *text;
  while (const auto line = base::take_line(rest)) {
    const auto space = line->find(' ');
    if (!line->starts_with('\\') || space == std::string_view::npos) continue;
    out.emplace_back(line->substr(0, space), name_on_disk(std::string(line->substr(space + 1)), delimiter()));
  }
  return out;
}

void Layout::write_special_use(const std::vector<std::pair<std::string, imap::MailboxName>>& uses) const {
  std::string text;
  for (const auto& [use, name] : uses) text += use + " " + name.modified_utf7() + "\n";
  base::replace_file(root_ / "postern-special-use", text);
}

}  // namespace store
