// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Response: all that a server can say. parse_response and print are one grammar in two directions.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "proto/frame.h"
#include "proto/printer.h"
#include "proto/response/capability.h"
#include "proto/response/enabled.h"
#include "proto/response/esearch.h"
#include "proto/response/exists.h"
#include "proto/response/expunge.h"
#include "proto/response/fetch.h"
#include "proto/response/flags.h"
#include "proto/response/id.h"
#include "proto/response/list.h"
#include "proto/response/namespace.h"
#include "proto/response/recent.h"
#include "proto/response/search.h"
#include "proto/response/status.h"
#include "proto/response/vanished.h"
#include "proto/status_response.h"

namespace imap {

struct TaggedResponse {
  std::string tag;  // empty: untagged "* OK ...", the greeting among them
  StatusResponse status;
  bool operator==(const TaggedResponse&) const = default;
};
struct ContinueResponse {
  std::string text;
  bool operator==(const ContinueResponse&) const = default;
};
struct UnknownResponse {  // an untagged response that nobody knows; kept, so that a log can show it
  std::string text;
  bool operator==(const UnknownResponse&) const = default;
};

using Response =
    std::variant<TaggedResponse, ContinueResponse, CapabilityResponse, EnabledResponse, EsearchResponse, ExistsResponse,
                 ExpungeResponse, FetchResponse, FlagsResponse, IdResponse, ListResponse, NamespaceResponse,
                 RecentResponse, SearchResponse, MailboxStatusResponse, VanishedResponse, UnknownResponse>;

// Throws SyntaxError (proto/parser.h) on octets that are no response.
Response parse_response(const Frame& frame);
void print(Printer& printer, const Response& response);                            // with CRLF
void print(Printer& printer, std::string_view tag, const StatusResponse& status);  // tag "*" for untagged

}  // namespace imap
