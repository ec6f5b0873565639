// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// imapd: what each client spawns. It loads only what handing a client over needs; what serves is imapd-owner.
#include "server/daemon/launcher.h"
#include "server/daemon/options.h"

int main(int argc, char** argv) {
  const auto options = server::parse_options(argc, argv);
  if (!options) return server::refuse_command_line(options.error());
  return options->stdio ? server::run_launcher(*options) : server::become_owner(argv);
}
