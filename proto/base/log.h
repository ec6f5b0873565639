// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Log: an event and its facts, one line, to stderr or a file, never to stdout (that is the protocol).
// Thread-safe. Passwords are of type Secret and print as ***; message content is never logged.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

struct Fact {
  std::string_view name;
  std::string value;

  Fact(std::string_view n, std::string_view v) : name(n), value(v) {}
  Fact(std::string_view n, const char* v) : name(n), value(v) {}
  Fact(std::string_view n, const std::string& v) : name(n), value(v) {}
  Fact(std::string_view n, const Secret&) : name(n), value("***") {}
  template <std::integral T>
  Fact(std::string_view n, T v) : name(n), value(std::to_string(v)) {}
};

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

// A logger is a cheap value: it carries the facts that every line of it repeats (for example the session's id).
class Log {
 public:
  Log() = default;
  Log with(Fact fact) const;  // a logger whose lines also carry this fact

  void debug(std::string_view event, std::initializer_list<Fact> facts = {}) const {
    write(LogLevel::Debug, event, facts);
  }
  void info(std::string_view event, std::initializer_list<Fact> facts = {}) const {
    write(LogLevel::Info, event, facts);
  }
  void warning(std::string_view event, std::initializer_list<Fact> facts = {}) const {
    write(LogLevel::Warning, event, facts);
  }
  void error(std::string_view event, std::initializer_list<Fact> facts = {}) const {
    write(LogLevel::Error, event, facts);
  }

 private:
  void write(LogLevel level, std::string_view event, std::initializer_list<Fact> facts) const;
  std::string prefix_;
};

// Process-wide settings, before the first line: the lowest level written, and where (empty: stderr).
void set_log_level(LogLevel lowest);
void set_log_file(const std::string& path);  // throws std::system_error; appended to, mode 0600

}  // namespace base
