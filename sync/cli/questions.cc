// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/cli/questions.h"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace mirror {

bool is_on_terminal() { return ::isatty(STDIN_FILENO) != 0; }

std::string ask(const std::string& question, const std::string& otherwise) {
  std::cout << question << (otherwise.empty() ? "" : " [" + otherwise + "]") << ": " << std::flush;
  std::string answer;
  if (!std::getline(std::cin, answer)) return otherwise;
  return answer.empty() ? otherwise : answer;
}

base::Secret ask_secretly(const std::string& question) {
  struct termios before{};
  const bool terminal = ::tcgetattr(STDIN_FILENO, &before) == 0;
  auto silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  auto answer = ask(question, "");
  if (terminal) ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
  std::cout << '\n';
  return base::Secret(std::move(answer));
}

bool ask_yes(const std::string& question) {
  if (!is_on_terminal()) return false;
  const auto answer = ask(question + " [y/N]", "");
  return answer.starts_with('y') || answer.starts_with('Y');
}

}  // namespace mirror
