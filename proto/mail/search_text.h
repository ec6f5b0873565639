// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A message's text as BODY and TEXT search it: decoded, in UTF-8, folded; part by part, as far as it was needed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/mail/mime.h"

namespace mail {

class SearchText {
 public:
  // `message` is in wire form and stays while this does.
  explicit SearchText(std::string_view message);

  bool in_text(const std::string& folded);    // in a header of any part, or in a text
  bool in_bodies(const std::string& folded);  // in a text

 private:
  // A part's header and, when it is text, its body, folded.
  struct Piece {
    std::string text;
    std::size_t body_at = 0;
  };
  const Piece* piece(std::size_t number);  // nullptr: there is no such part
  void read(const Part& part, Piece& out) const;

  std::string_view message_;
  Part structure_;
  std::vector<const Part*> parts_;
  std::vector<Piece> pieces_;
};

}  // namespace mail
