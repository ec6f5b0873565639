// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// imapd: what each client spawns. It loads only what handing a client over needs; what serves is imapd-owner.
#include <sysexits.h>

#include <cstdio>

#include "server/daemon/launcher.h"
#include "server/daemon/options.h"

int main(int argc, char** argv) {
  const auto options = server::parse_options(argc, argv);
  if (!options) {
    std::fprintf(stderr, "imapd: %s\nTry imapd --help.\n", options.error().text.c_str());
    return EX_USAGE;
  }
  return options->stdio ? server::run_launcher(*options) : server::become_owner(argv);
}
