// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How fast commands are framed and parsed: `meson test --benchmark`, or run it.
#include <chrono>
#include <cstdio>
#include <string>

#include "proto/command.h"

namespace {

using namespace imap;

// The best of several rounds, in seconds.
template <class F>
double best(const F& f) {
  double out = 1e9;
  for (int round = 0; round < 15; ++round) {
    const auto start = std::chrono::steady_clock::now();
    f();
    out = std::min(out, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return out;
}

void measure_framing(std::size_t pieces) {
  constexpr int kCommands = 10000;
  std::string input;
  for (int i = 0; i < kCommands; ++i)
    input += "a" + std::to_string(i) + " UID STORE " + std::to_string(i * 7 + 1) +
             " +FLAGS.SILENT (\\Seen $Forwarded " + std::string(45, 'k') + ")\r\n";
  std::size_t frames = 0, octets = 0;
  const auto seconds = best([&] {
    Framer framer(Framer::Side::Server, {});
    for (std::size_t at = 0; at < input.size(); at += pieces) {
      framer.give(std::string_view(input).substr(at, pieces));
      while (framer.next() == Framer::Next::Frame) {
        octets += framer.take_frame().text.size();
        ++frames;
      }
    }
  });
  std::printf("framing %d commands, %zu octets, in pieces of %zu: %.0f MB/s, %.0f ns a command\n", kCommands,
              input.size(), pieces, static_cast<double>(input.size()) / seconds / 1e6, seconds / kCommands * 1e9);
}

void measure_parsing(const std::string& text) {
  Frame frame;
  frame.text = text;
  std::size_t good = 0;
  constexpr int kTimes = 20000;
  const auto seconds = best([&] {
    for (int i = 0; i < kTimes; ++i) good += parse_command(frame).index() == 0;
  });
  std::printf("%s %s: %.0f ns\n", good ? "parsing" : "refusing", text.substr(0, 90).c_str(), seconds / kTimes * 1e9);
}

}  // namespace

int main() {
  for (const std::size_t pieces : {1u << 20, 1u << 16, 1000u, 10u}) measure_framing(pieces);
  measure_parsing("a1 NOOP");
  measure_parsing("a1 STORE 1:5,9,12:* (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted \\Seen $Forwarded)");
  measure_parsing(
      "a1 UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT TO CC)])");
  measure_parsing("a1 UID SEARCH RETURN (ALL) UNSEEN SINCE 1-Feb-1994 NOT FROM \"Smith\"");
  measure_parsing("a1 STORE 1:5 +FLAGS (\\Nonsense)");
}
