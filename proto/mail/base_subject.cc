// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The steps are those of RFC 5256 section 2.1. The text is folded first, so that "re", "fwd" and "(fwd)" are looked for
// in capitals. A chain of blobs is looked at once, however long it is.
#include "proto/mail/base_subject.h"

#include <algorithm>

#include "proto/mail/charset.h"
#include "proto/mail/collation.h"

namespace mail {

namespace {

// Dovecot looks for the first blank that is to be changed, and overlooks the one before a line end: it stays, and the
// line end becomes a second one. Both servers must put "a \n b" into the same place.
std::string with_single_spaces(std::string_view text) {
  constexpr std::string_view kLineEnds = "\r\n", kBlanks = " \t", kSpaces = " \t\r\n";
  std::size_t start = 0;
  const auto next_is_blank = [&] { return start + 1 < text.size() && kBlanks.contains(text[start + 1]); };
  while (start < text.size() && text[start] != '\t' && !kLineEnds.contains(text[start]) &&
         !(text[start] == ' ' && next_is_blank()))
    ++start;
  std::string out(text.substr(0, start));
  bool in_space = false;
  for (const char c : text.substr(start)) {
    const bool space = kSpaces.contains(c);
    if (!space) out += c;
    if (space && !in_space) out += ' ';
    in_space = space;
  }
  return out;
}

// (1) Encoded words are decoded, white space of any length becomes one space.
std::string folded(std::string_view value) {
  std::string text;
  decode_sorted_words(value, [&](const SortedPiece& piece) {
    if (piece.is_read)
      append_collation_key(text, piece.utf8);
    else
      text += piece.utf8;
  });
  text.resize(std::min(text.find('\0'), text.size()));
  return with_single_spaces(text);
}

class Stripper {
 public:
  explicit Stripper(std::string_view text) : rest_(text) {}

  BaseSubject strip() {
    do {
      remove_trailers();
      bool found = true;
      while (found) {
        found = remove_leader();
        found = remove_blob() || found;
      }
    } while (remove_forward_frame());
    return {std::string(rest_), is_reply_or_forward_};
  }

 private:
  static bool take(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) return false;
    text.remove_prefix(what.size());
    return true;
  }

  // subj-blob = "[" *BLOBCHAR "]" *WSP
  static bool take_blob(std::string_view& text) {
    if (!text.starts_with('[')) return false;
    const auto end = text.find_first_of("[]", 1);
    if (end == std::string_view::npos || text[end] != ']') return false;
    text.remove_prefix(end + 1);
    take(text, " ");
    return true;
  }

  // (2) subj-trailer = "(fwd)" / WSP
  void remove_trailers() {
    for (;;) {
      if (rest_.ends_with(' ')) {
        rest_.remove_suffix(1);
      } else if (rest_.ends_with("(FWD)")) {
        rest_.remove_suffix(5);
        is_reply_or_forward_ = true;
      } else {
        return;
      }
    }
  }

  // (3) subj-leader = (*subj-blob subj-refwd) / WSP
  //     subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
  bool remove_leader() {
    const bool space = take(rest_, " ");
    if (blobs_end_ > rest_.data()) return space;  // looked at already: no "re:" follows these blobs
    auto text = rest_;
    while (take_blob(text)) {
    }
    blobs_end_ = text.data();
    if (text.starts_with('[')) return space;
    if (!take(text, "RE") && !take(text, "FWD") && !take(text, "FW")) return space;
    take(text, " ");
    if (text.starts_with('[') && !take_blob(text)) return space;
    if (!take(text, ":")) return space;
    rest_ = text;
    is_reply_or_forward_ = true;
    return true;
  }

  // (4) A blob goes where something follows.
  bool remove_blob() {
    auto text = rest_;
    if (!take_blob(text) || text.empty()) return false;
    rest_ = text;
    return true;
  }

  // (6) subj-fwd = "[fwd:" subject "]"
  bool remove_forward_frame() {
    if (!rest_.starts_with("[FWD:") || !rest_.ends_with(']')) return false;
    rest_ = rest_.substr(5, rest_.size() - 6);
    blobs_end_ = nullptr;
    is_reply_or_forward_ = true;
    return true;
  }

  std::string_view rest_;
  const char* blobs_end_ = nullptr;
  bool is_reply_or_forward_ = false;
};

}  // namespace

BaseSubject base_subject(std::string_view value) {
  const auto text = folded(value);
  return Stripper(text).strip();
}

}  // namespace mail
