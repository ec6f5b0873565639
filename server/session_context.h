// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SessionContext: all that a session needs of its process; serve() runs one session to its end.
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "proto/base/log.h"
#include "proto/frame.h"
#include "proto/transport/stream.h"
#include "proto/transport/worker_pool.h"
#include "server/alert_board.h"
#include "server/authenticator.h"
#include "server/login_gate.h"
#include "server/stop_signal.h"
#include "store/mail_store.h"

namespace server {

struct SessionLimits {
  imap::FramerLimits frames;                    // once authenticated; before that lines of 36 and literals of 8 KiB
  unsigned malformed_in_a_row = 20;             // then BYE
  unsigned login_failures = 3;                  // then BYE
  std::chrono::milliseconds login_delay{2000};  // before a wrong password is answered
  std::chrono::seconds login_timeout{180};      // until the client has to have logged in, whatever it says
  std::chrono::seconds idle_timeout{30 * 60};   // without input after it; 0: for ever
  bool times_out_in_idle = true;                // off for a tunnel: its client's death is seen
  std::chrono::milliseconds text_wait{30'000};  // for texts that are not here, since the last of them came
  std::size_t append_group = 256;               // pipelined APPENDs that share one commit
  std::size_t append_group_octets = 4u << 20;
};

// Pointers outlive the session. Copied into each session.
struct SessionContext {
  store::MailStore* store = nullptr;
  transport::WorkerPool* workers = nullptr;
  StopSignal* stop = nullptr;  // may be null
  base::Log log;               // carries the session's id
  SessionLimits limits;
  std::string alert;                        // for its user, once authenticated; empty: none
  const AlertBoard* alerts = nullptr;       // for the users of all sessions; may be null
  Authenticator* authenticator = nullptr;   // null: the session starts authenticated (PREAUTH)
  std::shared_ptr<LoginGate::Visit> visit;  // where one has to log in; may be null
  bool tls_active = false;
  bool login_disabled = false;  // LOGIN and AUTH=PLAIN refused until TLS is active
  // Lays TLS, as the server's side, over a stream; empty: no STARTTLS. The handshake happens on first read or write.
  std::function<std::unique_ptr<transport::Stream>(std::unique_ptr<transport::Stream>)> start_tls;
};

// Greets, serves until LOGOUT, the client's hanging up, an error or the stop signal, and closes the stream. Throws
// nothing that concerns this client alone.
asio::awaitable<void> serve(SessionContext context, std::unique_ptr<transport::Stream> stream);

}  // namespace server
