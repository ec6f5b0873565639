// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/log_prefix.h"

#include "proto/base/log_prefix.h"

namespace mirror {

namespace {

constexpr int kDeepest = 20;

struct Wrong {
  const char* what;
};

// Throws Wrong.
class Expansion {
 public:
  Expansion(std::string_view format, std::string_view side, std::string_view mailbox)
      : rest_(format), side_(side), mailbox_(mailbox) {}

  std::string run() { return text(0); }

 private:
  char take() {
    if (rest_.empty()) throw Wrong{"it ends too early"};
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view value(char name) const {
    if (name == 'n') return side_;
    if (name == 'm') return mailbox_;
    throw Wrong{"only %n, %m, %? and %% may follow a percent sign"};
  }

  // Up to an unescaped '&' or '?' that ends a branch, where it is in one.
  std::string text(int depth) {
    if (depth > kDeepest) throw Wrong{"too many conditions, one in the other"};
    std::string out;
    while (!rest_.empty()) {
      if (depth > 0 && (rest_.front() == '&' || rest_.front() == '?')) return out;
      const char c = take();
      if (c == '\\')
        out += take();
      else if (c == '%')
        out += expanded(take(), depth);
      else
        out += c;
    }
    return out;
  }

  std::string expanded(char name, int depth) {
    if (name == '%') return "%";
    if (name != '?') return std::string(value(name));
    const bool holds = !value(take()).empty();
    if (take() != '?') throw Wrong{"a condition is written %?n?then? or %?n?then&else?"};
    const auto then = text(depth + 1);
    std::string otherwise;
    char end = take();
    if (end == '&') {
      otherwise = text(depth + 1);
      end = take();
    }
    if (end != '?') throw Wrong{"a condition has one & at most"};
    return holds ? then : otherwise;
  }

  std::string_view rest_, side_, mailbox_;
};

}  // namespace

base::Result<std::string> expand_log_prefix(std::string_view format, std::string_view side, std::string_view mailbox) {
  try {
    Expansion expansion(format, side, mailbox);
    return expansion.run();
  } catch (const Wrong& wrong) {
    return base::refuse(base::Reason::Configuration, std::string("log-prefix is wrong: ") + wrong.what);
  }
}

void set_log_prefix(const std::string& format) {
  base::set_log_prefix([format](const std::string& side, const std::string& mailbox) {
    return expand_log_prefix(format, side, mailbox).value_or("");
  });
}

}  // namespace mirror
