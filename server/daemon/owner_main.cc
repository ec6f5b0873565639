// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// imapd-owner: started by imapd, with imapd's command line.
#include <sysexits.h>

#include <cstdio>

#include "server/daemon/options.h"
#include "server/daemon/owner.h"

int main(int argc, char** argv) {
  const auto options = server::parse_options(argc, argv);
  if (!options || options->stdio) {
    std::fprintf(stderr, "imapd: %s\n", options ? "--stdio is imapd's" : options.error().text.c_str());
    return EX_USAGE;
  }
  return server::run_owner(*options);
}
