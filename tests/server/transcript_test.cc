// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Plays each file of tests/transcripts against a session over a store in a directory of its own. The same files run
// with imaptest against imapd and against Dovecot: tools/imaptest.
#include "tests/support/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <set>

#include "proto/flags.h"
#include "tests/server/session_case.h"
#include "tests/support/temp_directory.h"

namespace {

using tests::TestClient;
using tests::Transcript;
using tests::TranscriptStep;
using tests::Words;

const std::filesystem::path kTranscripts = TRANSCRIPTS;

struct OneUser final : server::Authenticator {
  bool accepts(const std::string& user, const base::Secret& password) override {
    return user == "user" && password.reveal() == "pass";
  }
};

std::unique_ptr<store::MailStore> open_store(const std::filesystem::path& path) {
  store::StoreOptions options;
  options.watch = options.sync_to_disk = false;
  auto store = store::MailStore::open(path, options);
  if (!store) throw std::runtime_error(store.error().text);
  return std::move(*store);
}

class Player {
 public:
  Player(const Transcript& script, std::vector<tests::MboxMessage> mail) : script_(script), mail_(std::move(mail)) {
    server_.context.authenticator = &users_;
    variables_ = {{"mailbox", "box"}, {"user", "user"}, {"username", "user"}, {"password", "pass"}};
    for (std::size_t i = 0; i < script.connections; ++i) clients_.push_back(std::make_unique<TestClient>(server_));
  }

  void play() {
    ASSERT_NO_FATAL_FAILURE(prepare());
    for (const auto& step : script_.steps) ASSERT_NO_FATAL_FAILURE(play(step));
  }

 private:
  void prepare() {
    using State = Transcript::State;
    if (script_.state == State::NonAuth) return;
    for (auto& client : clients_) ASSERT_THAT((*client)("LOGIN user pass"), testing::HasSubstr("OK "));
    const auto announced = (*clients_[0])("CAPABILITY");
    for (const auto& name : script_.capabilities) ASSERT_THAT(announced, testing::HasSubstr(" " + name));
    if (script_.state == State::Auth) return;
    ASSERT_THAT((*clients_[0])("CREATE box"), testing::StartsWith("OK "));
    if (script_.state == State::Created) return;
    for (auto n = script_.messages.value_or(mail_.size()); n > 0; --n)
      ASSERT_THAT((*clients_[0])(append_next()), testing::HasSubstr("OK "));
    if (script_.state == State::Appended) return;
    for (auto& client : clients_) ASSERT_THAT((*client)("SELECT box"), testing::HasSubstr("OK "));
  }

  // The next message of the mbox file behind "APPEND mailbox [flags] [date]".
  std::string append_to(const std::string& command) {
    const auto& text = mail_.at(next_mail_++ % mail_.size()).text;
    return command + " {" + std::to_string(text.size()) + "+}\r\n" + text;
  }
  std::string append_next() { return append_to("APPEND box " + mail_.at(next_mail_ % mail_.size()).date); }

  std::string command_text(const TranscriptStep::Command& command) {
    auto text = tests::expand(command.text, variables_);
    if (imap::equal_ignoring_case(text, "APPEND")) return append_next();
    if (!imap::equal_ignoring_case(std::string_view(text).substr(0, 7), "APPEND ") ||
        text.find('{') != std::string::npos)
      return text;
    return append_to(text);
  }

  void play(const TranscriptStep& step) {
    SCOPED_TRACE("line " + std::to_string(step.commands.at(0).line) + ": " + step.commands[0].text.substr(0, 200));
    auto& client = *clients_.at(step.connection);
    std::map<std::string, const TranscriptStep::Command*> pending;
    std::string octets;
    for (const auto& command : step.commands) {
      const auto tag = "t" + std::to_string(++tags_);
      if (pending.empty()) variables_["tag"] = tag;
      pending[tag] = &command;
      octets += tag + " " + command_text(command) + "\r\n";
    }
    client.send(octets);
    std::set<const TranscriptStep::Untagged*> met;
    std::string heard;
    std::iota(numbers_.begin(), numbers_.end(), 0);
    while (!pending.empty()) {
      auto reply = client.reply();
      heard += "    " + reply;
      if (reply.empty()) {  // the server has closed: right where nothing else is expected
        for (const auto& [tag, command] : pending)
          ASSERT_EQ(tests::to_string(*command->answer), "\"\"") << "the server closed; it said:\n" << heard;
        break;
      }
      reply.resize(reply.size() - 2);
      if (reply.starts_with("+")) continue;
      if (reply.starts_with("* ")) {
        ASSERT_NO_FATAL_FAILURE(untagged(step, reply.substr(2), met));
        continue;
      }
      const auto found = pending.find(reply.substr(0, reply.find(' ')));
      ASSERT_NE(found, pending.end()) << "to whom? " << reply;
      const auto expected = tests::to_string(*found->second->answer);
      const auto words = tests::split_words(reply.substr(found->first.size() + 1));
      ASSERT_TRUE(expected == "\"\"" || tests::matches(*found->second->answer, words, variables_, true))
          << "expected " << expected << ", heard:\n"
          << heard;
      pending.erase(found);
    }
    variables_.erase("tag");
    for (const auto& untagged : step.untagged)
      EXPECT_TRUE(untagged.existence != '*' || met.contains(&untagged))
          << "missing: " << tests::to_string(untagged.words) << "\nheard:\n"
          << heard;
  }

  void untagged(const TranscriptStep& step, std::string_view reply, std::set<const TranscriptStep::Untagged*>& met) {
    const auto words = tests::split_words(reply);
    for (std::size_t n = 1; n < numbers_.size(); ++n) variables_[std::to_string(n)] = std::to_string(numbers_[n]);
    const bool status = !words.empty() && std::ranges::any_of(std::vector<std::string>{"OK", "NO", "BAD", "BYE"},
                                                              [&](const auto& kind) { return kind == words[0].text; });
    bool expected = false;
    for (const auto& untagged : step.untagged) {
      if (met.contains(&untagged) || !tests::matches(untagged.words, words, variables_, status)) continue;
      ASSERT_NE(untagged.existence, '!') << "must not come: " << reply;
      met.insert(&untagged);
      expected = true;
    }
    if (words.size() == 2 && words[1].text == "EXPUNGE") expunged(std::stoi(words[0].text));
    ASSERT_TRUE(expected || script_.ignore_extra_untagged) << "nobody expected: " << reply;
  }

  void expunged(int number) {
    for (auto& n : numbers_) n = n == number ? -1 : n > number ? n - 1 : n;
  }

  const Transcript& script_;
  std::vector<tests::MboxMessage> mail_;
  std::array<int, 20> numbers_{};  // "$3": what number 3 was when the step began, now
  std::size_t next_mail_ = 0;
  unsigned tags_ = 0;
  tests::Variables variables_;
  tests::TempDirectory directory_;
  std::unique_ptr<store::MailStore> store_ = open_store(directory_.path() / "Mail");
  OneUser users_;
  tests::SessionFixture server_{*store_};
  std::vector<std::unique_ptr<TestClient>> clients_;
};

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kTranscripts))
    if (entry.path().extension().empty()) out.push_back(entry.path().filename());
  std::ranges::sort(out);
  return out;
}

class TranscriptTest : public testing::TestWithParam<std::string> {};

TEST_P(TranscriptTest, Plays) {
  const auto script = tests::read_transcript(kTranscripts / GetParam());
  ASSERT_FALSE(script.steps.empty());
  const auto own = kTranscripts / (GetParam() + ".mbox");
  Player(script, tests::read_mbox(exists(own) ? own : kTranscripts / "default.mbox")).play();
}

INSTANTIATE_TEST_SUITE_P(Files, TranscriptTest, testing::ValuesIn(names()), [](const auto& info) {
  auto name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

// What a script expects is found missing where it is.
TEST(ReplyPattern, MatchesAndDoesNot) {
  const auto match = [](std::string_view pattern, std::string_view reply, bool prefix = false) {
    tests::Variables variables{{"uid", "7"}};
    return tests::matches(tests::split_words(pattern), tests::split_words(reply), variables, prefix);
  };
  EXPECT_TRUE(match("1 fetch (uid $uid flags (\\seen))", "1 FETCH (FLAGS (\\Recent \\Seen) UID 7)"));
  EXPECT_FALSE(match("1 fetch (uid $uid flags (\\seen))", "1 FETCH (FLAGS (\\Draft \\Seen) UID 7)"));
  EXPECT_FALSE(match("1 fetch (uid $uid)", "1 FETCH (UID 77)"));
  EXPECT_FALSE(match("1 fetch (uid $uid)", "1 FETCH (FLAGS ())"));
  EXPECT_FALSE(match("1 fetch (flags ())", "2 FETCH (FLAGS ())"));
  EXPECT_TRUE(match("1 fetch (body[] $)", "1 FETCH (BODY[] {3}\r\na)\")"));
  EXPECT_FALSE(match("search 1 2", "SEARCH 1 2 3"));
  EXPECT_TRUE(match("ok [uidnext $next]", "OK [UIDNEXT 8] Predicted.", true));
  EXPECT_FALSE(match("ok [uidnext 9]", "OK [UIDNEXT 8] Predicted.", true));
  EXPECT_FALSE(match("list ($!ban=\\noselect) $ a", "LIST (\\Noselect) \"/\" a"));
  EXPECT_FALSE(match("list (\\marked) $ a", "LIST () \"/\" a"));
  EXPECT_FALSE(match("a nil", "a \"NIL\""));
}

}  // namespace
