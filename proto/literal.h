// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Literal: octets in memory, or outside it when they are many. Never copied to be counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "proto/spool.h"

namespace imap {

class Literal {
 public:
  Literal() = default;
  explicit Literal(std::string bytes) : data_(std::move(bytes)) {}
  explicit Literal(std::shared_ptr<const SpooledText> text) : data_(std::move(text)) {}

  std::uint64_t size() const {
    if (const auto* text = spooled()) return text->size();
    return std::get<std::string>(data_).size();
  }
  // The octets, where they are in memory; nullptr where they are not.
  const std::string* in_memory() const { return std::get_if<std::string>(&data_); }
  std::string* in_memory() { return std::get_if<std::string>(&data_); }
  const SpooledText* spooled() const {
    const auto* text = std::get_if<std::shared_ptr<const SpooledText>>(&data_);
    return text == nullptr ? nullptr : text->get();
  }

  // Calls f(std::string_view) with consecutive pieces of at most 512 KiB (a literal in memory is one piece).
  template <class F>
  void for_each_piece(F f) const {
    for_pieces([&f](std::string_view piece) {
      f(piece);
      return true;
    });
  }
  // The same as long as f returns true.
  template <class F>
  void for_pieces(F f) const {
    const auto* text = spooled();
    if (text == nullptr) {
      f(std::string_view(std::get<std::string>(data_)));
      return;
    }
    const auto reader = text->reader();
    for (auto piece = reader->next(); !piece.empty(); piece = reader->next())
      if (!f(piece)) return;
  }
  std::string bytes() const {
    std::string out;
    out.reserve(size());
    for_each_piece([&](std::string_view piece) { out += piece; });
    return out;
  }
  bool operator==(const Literal& other) const { return size() == other.size() && bytes() == other.bytes(); }

 private:
  std::variant<std::string, std::shared_ptr<const SpooledText>> data_;
};

}  // namespace imap
