// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Opening a message's file, which may be renamed at this moment: by us, or by others.
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

struct OpenedMessage {
  std::optional<base::FileDescriptor> file;
  bool is_there = false;  // without a file: not for us to read, or no file
};

OpenedMessage open_message(const std::string& path) {
  // A pipe that somebody put there must not be waited for.
  base::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return {};
  if (!file && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO))
    throw std::system_error(errno, std::generic_category(), path);
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode)) return {std::nullopt, true};
  return {std::move(file), true};
}

}  // namespace

std::optional<base::FileDescriptor> MailboxImpl::open_file(imap::Uid uid, std::string& name) const {
  enum class Names : std::uint8_t { Usual, All };
  for (const auto which : {Names::Usual, Names::All, Names::All, Names::All}) {
    std::vector<std::string> paths;
    std::string directory;
    {
      const base::MutexLock lock(state_.table_mutex);
      const auto* row = state_.shared().table.find(uid);
      if (row == nullptr) return std::nullopt;
      if (row->elsewhere) throw TextElsewhere(imap::UidSet::of(uid));
      if (which == Names::Usual)
        paths.push_back(MessageTable::path_of(*row));
      else
        paths = state_.shared().table.paths_of(*row);
      directory = state_.shared().directory.native() + '/';
    }
    for (const auto& path : paths) {
      auto opened = open_message(directory + path);
      if (opened.file) {
        name = path.substr(4);
        return std::move(opened.file);
      }
      if (!opened.is_there) continue;
      core_.options.log.warning("a message cannot be read", {{"file", directory + path}});
      return std::nullopt;
    }
    if (which == Names::Usual) continue;
    auto* self = const_cast<MailboxImpl*>(this);  // looking at the directory changes what we know, not what there is
    self->state_.dirty = true;
    self->check();
  }
  return std::nullopt;
}

}  // namespace store
