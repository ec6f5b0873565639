// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoredText: the text of a message of the store, read while it is sent, so that none is whole in memory. It stays
// readable when the message is removed meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "proto/literal.h"
#include "proto/spool.h"
#include "store/content.h"

namespace mirror {

class StoredText final : public imap::SpooledText {
 public:
  explicit StoredText(store::Octets octets) : octets_(std::move(octets)) {}
  std::uint64_t size() const override { return octets_.size(); }
  std::unique_ptr<Reader> reader() const override;

 private:
  store::Octets octets_;
};

imap::Literal text_of(store::Octets octets);  // a small one is read at once

}  // namespace mirror
