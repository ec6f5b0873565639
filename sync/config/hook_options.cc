// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Options of the commands that are told what passes bring (docs/hooks.md).
#include "proto/flags.h"
#include "sync/config/config_options.h"
#include "sync/config/option_values.h"

namespace mirror {

namespace {

Done set_notify(Config& config, const std::string& value) {
  if (imap::equal_ignoring_case(value, "desktop")) return config.hooks.desktop = true, Done();
  const auto no = yes_or_no(value);
  if (!no || *no) return wrong("notify is desktop or NO, not " + value + nearest(value, {"desktop"}));
  config.hooks.desktop = false;
  return {};
}

Done set_hook_timeout(Config& config, const std::string& value) {
  return set_seconds(config.hooks.timeout, "hook-timeout", value);
}

}  // namespace

std::map<std::string, SetDefault> with_hook_options(std::map<std::string, SetDefault> options) {
  options.insert({
      {"on-new", [](Config& c, const std::string& v) { return c.hooks.on_new = v, Done(); }},
      {"on-change", [](Config& c, const std::string& v) { return c.hooks.on_change = v, Done(); }},
      {"on-problem", [](Config& c, const std::string& v) { return c.hooks.on_problem = v, Done(); }},
      {"hook-timeout", set_hook_timeout},
      {"notify", set_notify},
  });
  return options;
}

}  // namespace mirror
