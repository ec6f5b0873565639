// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The options of a configuration file: what each is called, where it belongs, what it sets.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sync/config/config.h"

namespace mirror {

// section: "", "local" or "remote". The refusal's text does not name file and line.
base::Result<void> set_option(Config& config, const std::string& section, const std::string& name,
                              const std::string& value);

// All that set_option() knows there, by name.
std::vector<std::string> option_names(const std::string& section);

// Those before the first section; with those of hooks (hook_options.cc).
using SetDefault = std::function<base::Result<void>(Config&, const std::string&)>;
std::map<std::string, SetDefault> with_hook_options(std::map<std::string, SetDefault> options);

// Those of a side (server_options.cc).
using SetSide = std::function<base::Result<void>(ServerConfig&, const std::string&)>;
const std::map<std::string, SetSide>& side_options();

// "; did you mean X?", or nothing where nothing is near.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace mirror
