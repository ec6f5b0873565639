// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over its corpus, and over each seed changed a little a few hundred times, as an ordinary test.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "proto/base/files.h"
#include "tests/fuzz/target.h"
#ifdef TRANSCRIPTS
#include "tests/support/transcript.h"
#endif

namespace {

#ifdef TRANSCRIPTS
// What the clients of tests/transcripts say, a seed for each file; variables stay as they are written.
std::vector<std::string> commands_of_transcripts() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(TRANSCRIPTS)) {
    if (!entry.path().extension().empty()) continue;
    auto& octets = out.emplace_back();
    for (const auto& step : tests::read_transcript(entry.path()).steps)
      for (const auto& command : step.commands)
        if (command.text.size() < 1000) octets += "t " + command.text + "\r\n";
  }
  return out;
}
#endif

std::vector<std::string> seeds() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CORPUS)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> out;
  for (const auto& path : paths) out.push_back(base::read_file(path));
#ifdef TRANSCRIPTS
  for (auto& commands : commands_of_transcripts()) out.push_back(std::move(commands));
#endif
  return out;
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

TEST(Corpus, every_seed) {
  const auto all = seeds();
  ASSERT_GE(all.size(), 12u);
  for (const auto& seed : all) run(seed);
}

TEST(Corpus, every_seed_cut_at_every_octet) {
  for (const auto& seed : seeds())
    for (std::size_t i = 0; i < std::min<std::size_t>(seed.size(), 2000); ++i) run(seed.substr(0, i) + "\r\n");
}

TEST(Corpus, every_seed_changed) {
  std::mt19937 random(1);
  static const std::vector<std::string> kPieces{
      " ", "(", ")",    "\"", "\\",        "{1+}\r\n", "{0+}\r\n", "\r\n", "NIL",  "*",
      "0", "1", ":",    ",",  "[",         "]",        "<",        "&",    "&-",   "\x80",
      "~", "$", "UID ", "-",  "{70+}\r\n", "\xc3\xa4", "&AOQ-",    ".",    "NOT ", "%"};
  const auto all = seeds();
  for (const auto& seed : all) {
    for (int i = 0; i < 400; ++i) {
      auto input = seed;
      for (auto changes = 1 + random() % 3; changes > 0 && !input.empty(); --changes) {
        const auto at = random() % input.size();
        switch (random() % 4) {
          case 0: input[at] = static_cast<char>(random()); break;
          case 1: input.erase(at, 1 + random() % 4); break;
          case 2: input.insert(at, kPieces[random() % kPieces.size()]); break;
          default: {
            const auto& other = all[random() % all.size()];
            input.insert(at, other.substr(random() % (other.size() + 1), random() % 20));
          }
        }
      }
      run(input);
    }
  }
}

}  // namespace
