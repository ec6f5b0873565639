// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a part's header says of it: type, encoding, disposition and the other Content- fields.
#pragma once

#include <string_view>

#include "proto/message_data.h"

namespace mail {

struct FieldsFound {
  bool mime = false;   // there is MIME-Version or Content-Type: without, the others mean nothing
  bool typed = false;  // there is Content-Type, readable or not
};
// Of fields that come twice the first counts that says something.
FieldsFound read_fields(std::string_view header, imap::BodyStructure& data);

// A message that says nothing of itself but what holds anyway is written as Dovecot does: in lower case.
void settle_plain(imap::BodyStructure& data);

}  // namespace mail
