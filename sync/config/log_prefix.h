// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// log-prefix, as interimap(1) has it: what begins a line of the log about one side.
#pragma once

#include <string>
#include <string_view>

#include "proto/base/result.h"

namespace mirror {

// %n: the side (local, remote, or empty), %m: the mailbox (or empty); %?n?then? and %?n?then&else?, also one inside the
// other; %% for a percent sign; \ before &, ? and \. Refuses (Configuration) what is none of it.
base::Result<std::string> expand_log_prefix(std::string_view format, std::string_view side, std::string_view mailbox);
// From now on each line of this process's log begins so. A format that was refused leaves no prefix.
void set_log_prefix(const std::string& format);

}  // namespace mirror
