// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/deflate_stream.h"
#include "server/session.h"

namespace server {

// COMPRESS (RFC 4978)
Session::Answer Session::on(imap::CompressCommand& command) {
  if (command.mechanism != "DEFLATE") co_return imap::StatusResponse::no("Unknown compression mechanism.");
  if (compressed_)
    co_return imap::StatusResponse::no("COMPRESSION is already enabled.")
        .with(imap::ResponseCode::Kind::CompressionActive);
  compressed_ = true;
  after_answer_ = [this] {
    connection_.upgrade_keeping_input(
        [](std::unique_ptr<transport::Stream> below) { return transport::make_deflate_stream(std::move(below)); });
  };
  co_return imap::StatusResponse::ok("Begin compression.");
}

}  // namespace server
