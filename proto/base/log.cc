// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/log.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <memory>
#include <system_error>
#include <utility>

#include "proto/base/log_prefix.h"
#include "proto/base/log_tap.h"
#include "proto/base/mutex.h"
#include "proto/base/printable.h"

namespace base {

namespace {

std::atomic<LogLevel> lowest_level{LogLevel::Info};
std::atomic<int> log_fd{2};
LogPrefix line_prefix;
std::atomic<bool> tapped{false};

struct Tap {
  Mutex mutex;
  std::shared_ptr<const std::function<void(const std::string&)>> hear GUARDED_BY(mutex);
};

Tap& tap() {
  static Tap one;
  return one;
}

// Not under the lock: it may be taken away meanwhile, and hears one line more.
void tell_tap(const std::string& line) {
  std::shared_ptr<const std::function<void(const std::string&)>> hear;
  {
    const MutexLock lock(tap().mutex);
    hear = tap().hear;
  }
  if (hear && *hear) (*hear)(line);
}

void append_value(std::string& line, std::string_view value) {
  bool plain = !value.empty() && value.find_first_of(" \"\\=") == std::string_view::npos;
  std::string shown;
  while (!value.empty()) {
    const auto [octets, harmless] = first_character(value);
    for (const char c : value.substr(0, octets)) {
      if (harmless) {
        if (c == '"' || c == '\\') shown += '\\';
        shown += c;
        continue;
      }
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
      shown += escaped;
      plain = false;
    }
    value.remove_prefix(octets);
  }
  line += plain ? shown : '"' + shown + '"';
}

void append_fact(std::string& line, std::string_view name, std::string_view value) {
  line += ' ';
  line += name;
  line += '=';
  append_value(line, value);
}

// Of a fact that with() has written, where its value needs no quotes.
std::string fact_in(const std::string& facts, const std::string& name) {
  const auto at = facts.find(' ' + name + '=');
  if (at == std::string::npos) return {};
  const auto start = at + name.size() + 2;
  return facts.substr(start, facts.find(' ', start) - start);
}

std::string prefix_of(const std::string& repeated, std::initializer_list<Fact> facts) {
  if (!line_prefix) return {};
  auto side = fact_in(repeated, "side"), mailbox = fact_in(repeated, "mailbox");
  for (const auto& fact : facts) {
    if (fact.name == "side") side = fact.value;
    if (fact.name == "mailbox") mailbox = fact.value;
  }
  return printable(line_prefix(side, mailbox));
}

}  // namespace

void set_log_prefix(LogPrefix prefix) { line_prefix = std::move(prefix); }

Log Log::with(Fact fact) const {
  Log out = *this;
  append_fact(out.prefix_, fact.name, fact.value);
  return out;
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<Fact> facts) const {
  const bool is_low = level < lowest_level.load(std::memory_order_relaxed);
  if (is_low && !tapped.load(std::memory_order_relaxed)) return;
  static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
  timeval now{};
  gettimeofday(&now, nullptr);
  std::tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char stamp[40];
  const auto length = std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(stamp + length, sizeof stamp - length, ".%03dZ ", static_cast<int>(now.tv_usec / 1000));
  std::string line = stamp;
  line += kNames[static_cast<int>(level)];
  line += ' ';
  line += prefix_of(prefix_, facts);
  line += event;
  line += prefix_;
  for (const auto& fact : facts) append_fact(line, fact.name, fact.value);
  line += '\n';
  if (tapped) tell_tap(line);
  if (is_low) return;
  // One write, so that lines of several threads and processes do not mix; a log that cannot be written is not worth
  // dying for.
  while (::write(log_fd.load(), line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

void set_log_tap(std::function<void(const std::string& line)> hear) {
  const bool any = static_cast<bool>(hear);
  const MutexLock lock(tap().mutex);
  tap().hear = std::make_shared<const std::function<void(const std::string&)>>(std::move(hear));
  tapped = any;
}

void set_log_level(LogLevel lowest) { lowest_level = lowest; }

void set_log_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  log_fd = fd;
}

}  // namespace base
