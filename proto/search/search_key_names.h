// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The names of SEARCH keys that differ in nothing else: read and written by the same tables.
#pragma once

#include <string_view>

#include "proto/search/search_key.h"

namespace imap::search_names {

struct FlagRowName {
  std::string_view name;
  Flag flag;
};
inline constexpr FlagRowName kFlags[] = {{"ANSWERED", Flag::Answered},
                                         {"DELETED", Flag::Deleted},
                                         {"DRAFT", Flag::Draft},
                                         {"FLAGGED", Flag::Flagged},
                                         {"SEEN", Flag::Seen}};

struct Row {
  std::string_view name;
  SearchTerm::Kind kind;
};
inline constexpr Row kDates[] = {{"BEFORE", SearchTerm::Kind::Before}, {"ON", SearchTerm::Kind::On},
                                 {"SINCE", SearchTerm::Kind::Since},   {"SENTBEFORE", SearchTerm::Kind::SentBefore},
                                 {"SENTON", SearchTerm::Kind::SentOn}, {"SENTSINCE", SearchTerm::Kind::SentSince}};
inline constexpr Row kTexts[] = {
    {"BCC", SearchTerm::Kind::Bcc},   {"BODY", SearchTerm::Kind::Body},       {"CC", SearchTerm::Kind::Cc},
    {"FROM", SearchTerm::Kind::From}, {"SUBJECT", SearchTerm::Kind::Subject}, {"TEXT", SearchTerm::Kind::Text},
    {"TO", SearchTerm::Kind::To}};
inline constexpr Row kIntervals[] = {{"OLDER", SearchTerm::Kind::Older}, {"YOUNGER", SearchTerm::Kind::Younger}};
inline constexpr Row kSizes[] = {{"LARGER", SearchTerm::Kind::Larger}, {"SMALLER", SearchTerm::Kind::Smaller}};

}  // namespace imap::search_names
