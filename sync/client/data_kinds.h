// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which untagged responses belong to which command. A server may answer commands that were pipelined in another order
// (RFC 9051 section 5.5; Dovecot does: LIST before NOOP), so that a response's place among them tells nothing.
#pragma once

#include <cstdint>

#include "proto/command.h"
#include "proto/response.h"

namespace mirror {

// A set of kinds, as bits.
using DataKinds = std::uint16_t;

DataKinds asked_by(const imap::Command& command);    // the kinds that the command asks for
DataKinds kind_of(const imap::Response& response);   // one kind; 0: nobody asks for it
bool is_of_mailbox(const imap::Response& response);  // comes unasked while a mailbox is selected

}  // namespace mirror
