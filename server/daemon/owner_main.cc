// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// imapd-owner: started by imapd, with imapd's command line.
#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "proto/base/files.h"
#include "proto/base/log.h"
#include "proto/base/memory.h"
#include "server/daemon/options.h"
#include "server/daemon/owner.h"
#include "server/daemon/systemd.h"
#include "store/mail_store.h"
#include "store/owner/store_lock.h"
#include "sync/client/wire_trace.h"

namespace server {

namespace {

int exit_code_of(const base::Refusal& refusal) {
  switch (refusal.reason) {
    case base::Reason::InUse: return EX_TEMPFAIL;
    case base::Reason::NotPermitted: return EX_NOPERM;
    case base::Reason::Configuration: return EX_CONFIG;
    case base::Reason::NoSpace: return EX_CANTCREAT;
    default: return EX_NOINPUT;
  }
}

int exit_code_of(const std::system_error& error) {
  if (base::is_disk_full(error.code())) return EX_CANTCREAT;
  switch (error.code().value()) {
    case EACCES:
    case EPERM:
    case EROFS: return EX_NOPERM;
    case EADDRINUSE: return EX_TEMPFAIL;
    default: return EX_OSERR;
  }
}

// To the launcher that waits, once: how it went, and why it did not.
void tell_ready(int& fd, int code, const std::string& why) {
  if (fd < 0) return;
  const auto text = static_cast<char>(code) + why;
  (void)!::write(fd, text.data(), text.size());
  ::close(std::exchange(fd, -1));
}

void open_log(const Options& options) {
  base::set_log_level(options.verbose || options.debug ? base::LogLevel::Debug : base::LogLevel::Info);
  if (options.debug) mirror::set_wire_trace(mirror::WireTrace::Redacted);
  if (options.log_file.empty()) return;
  if (options.owner) base::make_directories(std::filesystem::path(options.log_file).parent_path());
  base::set_log_file(options.log_file);
}

// What went wrong is said where somebody reads it: by the launcher, else here; and in the log, if that is another
// place.
int failed(Options& options, int code, const std::string& why) {
  const bool is_race = options.owner && code == EX_TEMPFAIL;  // another one serves
  if (!options.log_file.empty() && !is_race) base::Log().error("imapd cannot start", {{"why", why}});
  if (!options.owner) std::fprintf(stderr, "imapd: %s\n", why.c_str());
  tell_ready(options.ready_fd, code, why);
  return code;
}

// A service that waits counts as started: whoever started it waits no longer, and it is not tried again.
base::Result<std::unique_ptr<Owner>> start_or_wait(const Options& options) {
  constexpr auto kBreath = std::chrono::milliseconds(200);  // what is in use may be something else
  for (bool told = false;; told = true) {
    auto owner = start_owner(options);
    if (told && owner) notify_systemd("STATUS=Serving");
    if (owner || !options.wait || owner.error().reason != base::Reason::InUse) return owner;
    if (!told) {
      base::Log().info("waiting for the end of the process that serves the store", {{"why", owner.error().text}});
      notify_systemd(("READY=1\nSTATUS=Waiting: " + owner.error().text).c_str());
    }
    store::StoreLock::wait_until_free(options.store);
    std::this_thread::sleep_for(kBreath);
  }
}

int run(Options options) {
  ::umask(077);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that must not grow is refused to one client
  try {
    // Before the log is made: it lies in the store, and nothing is written to a place that is none.
    if (const auto good = store::MailStore::check(options.store); !good)
      return failed(options, exit_code_of(good.error()), good.error().text);
    open_log(options);
    const auto owner = start_or_wait(options);
    if (!owner) return failed(options, exit_code_of(owner.error()), owner.error().text);
    tell_ready(options.ready_fd, 0, "");
    notify_systemd("READY=1");
    (*owner)->run();
    return 0;
  } catch (const std::system_error& error) {
    return failed(options, exit_code_of(error), error.what());
  } catch (const std::exception& error) {
    return failed(options, EX_SOFTWARE, error.what());
  }
}

}  // namespace

}  // namespace server

int main(int argc, char** argv) {
  base::bound_allocator();
  const auto options = server::parse_options(argc, argv);
  if (!options) return server::refuse_command_line(options.error());
  if (options->stdio) return server::refuse_command_line({base::Reason::Usage, "--stdio is imapd's"});
  return server::run(*options);
}
