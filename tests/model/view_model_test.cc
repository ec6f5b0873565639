// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Several clients, random commands, one mailbox. Each client's picture, made only of what it was told, must be the
// truth after a NOOP; a picture of any earlier state must become the truth by one QRESYNC SELECT, also one from the
// highest mod-sequence that a client has been told at any moment (RFC 7162 section 1 and 3.2.5).
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

#include "proto/response.h"
#include "tests/support/memory_store.h"
#include "tests/support/session_fixture.h"
#include "tests/support/temp_directory.h"

namespace {

using imap::ModSeq;
using imap::Uid;

std::vector<imap::Response> parse(const std::string& text) {
  imap::Framer framer(imap::Framer::Side::Client, {});
  framer.give(text);
  std::vector<imap::Response> out;
  while (framer.next() == imap::Framer::Next::Frame) out.push_back(imap::parse_response(framer.take_frame()));
  return out;
}

struct Known {
  std::optional<Uid> uid;
  std::optional<imap::FlagSet> flags;
  std::optional<ModSeq> modseq;
};

enum class Kind : std::uint8_t { Plain, Condstore, Qresync };

class Picture {
 public:
  Picture(tests::SessionFixture& server, Kind kind) : client_(server), kind_(kind) {
    if (kind == Kind::Condstore) say("ENABLE CONDSTORE");
    if (kind == Kind::Qresync) say("ENABLE QRESYNC");
    say("SELECT INBOX");
    say("FETCH 1:* (UID FLAGS MODSEQ)", false);
  }

  Kind kind() const { return kind_; }
  // All changes up to here are in the picture, as far as the client may conclude.
  ModSeq highest() const { return highest_; }
  std::map<std::uint32_t, std::optional<imap::FlagSet>> flags() const {
    std::map<std::uint32_t, std::optional<imap::FlagSet>> out;
    for (const auto& row : rows_) out.emplace(row.uid.value().value, row.flags);
    return out;
  }
  std::size_t count() const { return rows_.size(); }
  std::optional<Uid> uid(std::size_t number) const { return rows_[number - 1].uid; }

  // Sends a command and believes what comes back.
  std::string say(const std::string& command, bool expunges = true) {
    const auto text = client_(command);
    hear_all(text, expunges, command);
    return text;
  }
  void append(const std::string& flags) {
    hear_all(client_.append("INBOX", "Subject: x\r\n\r\nbody\r\n", flags), true, "APPEND");
  }

  // What a client may conclude from an OK to STORE .SILENT.
  void conclude(std::size_t number, char how, const imap::FlagSet& flags) {
    auto& row = rows_[number - 1];
    if (how == '=') row.flags = flags;
    if (!row.flags) return;
    if (how == '+') row.flags->add(flags);
    if (how == '-') row.flags->remove(flags);
  }
  void pretend(std::size_t number, char how, const imap::FlagSet& flags, const std::string& command, bool expunges) {
    conclude(number, how, flags);  // before the answer, which may know better
    if (kind_ == Kind::Plain) rows_[number - 1].modseq.reset();
    say(command, expunges);
  }

  void check(const store::Mailbox& truth) {
    say("NOOP");
    const auto uids = truth.uids();
    ASSERT_EQ(rows_.size(), uids.size());
    imap::UidSet all;
    for (const auto uid : uids) all.add(uid);
    const auto messages = truth.messages(all);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto& row = rows_[i];
      if (row.uid) ASSERT_EQ(row.uid->value, uids[i].value) << "number " << i + 1;
      if (row.flags) ASSERT_TRUE(*row.flags == messages[i].flags) << "flags of number " << i + 1;
      if (row.modseq && kind_ != Kind::Plain)
        ASSERT_EQ(row.modseq->value, messages[i].modseq.value) << "number " << i + 1;
    }
  }

 private:
  // The mod-sequences of a command's FETCH responses count at its end, and not if HIGHESTMODSEQ comes behind them.
  void hear_all(const std::string& text, bool expunges, const std::string& command) {
    const auto last = text.rfind("\r\n", text.size() - 3);
    const auto tagged = last == std::string::npos ? 0 : last + 2;
    hear(text.substr(0, tagged), expunges, command);
    highest_ = std::max(highest_, std::exchange(fetched_, ModSeq()));
    hear_code(std::get<imap::TaggedResponse>(parse("t " + text.substr(tagged)).at(0)).status);
  }

  void hear_code(const imap::StatusResponse& status) {
    if (!status.code || status.code->kind != imap::ResponseCode::Kind::HighestModSeq) return;
    highest_ = ModSeq(std::get<std::uint64_t>(status.code->payload));
    fetched_ = ModSeq();
  }

  void hear(const std::string& text, bool expunges, const std::string& command) {
    if (!text.starts_with("* ")) return;
    for (const auto& response : parse(text)) {
      if (const auto* exists = std::get_if<imap::ExistsResponse>(&response)) {
        ASSERT_GE(exists->messages, rows_.size()) << command;
        rows_.resize(exists->messages);
      } else if (const auto* expunge = std::get_if<imap::ExpungeResponse>(&response)) {
        ASSERT_TRUE(expunges && kind_ != Kind::Qresync) << command;
        ASSERT_LE(expunge->number.value, rows_.size());
        rows_.erase(rows_.begin() + expunge->number.value - 1);
      } else if (const auto* vanished = std::get_if<imap::VanishedResponse>(&response)) {
        ASSERT_TRUE(expunges && kind_ == Kind::Qresync) << command;
        learn_uids();
        std::erase_if(rows_, [&](const Known& row) { return vanished->uids.contains(*row.uid); });
      } else if (const auto* fetch = std::get_if<imap::FetchResponse>(&response)) {
        hear_fetch(*fetch, command);
      } else if (const auto* status = std::get_if<imap::TaggedResponse>(&response)) {
        hear_code(status->status);
      }
    }
  }

  void hear_fetch(const imap::FetchResponse& fetch, const std::string& command) {
    ASSERT_LE(fetch.number.value, rows_.size()) << command;
    auto& row = rows_[fetch.number.value - 1];
    if (fetch.uid && row.uid) ASSERT_EQ(fetch.uid->value, row.uid->value) << command;
    if (fetch.uid) row.uid = fetch.uid;
    if (fetch.flags) {
      row.flags = fetch.flags;
      row.modseq.reset();
    }
    if (fetch.modseq) row.modseq = fetch.modseq;
    if (fetch.modseq) fetched_ = std::max(fetched_, *fetch.modseq);
    if (kind_ == Kind::Qresync) ASSERT_TRUE(fetch.uid) << command;
  }

  // A QRESYNC client must know its UIDs; this one asks at once when EXISTS brought new numbers, so none is missing.
  void learn_uids() {
    for (const auto& row : rows_) ASSERT_TRUE(row.uid);
  }

  tests::TestClient client_;
  Kind kind_;
  std::vector<Known> rows_;
  ModSeq highest_, fetched_;
};

class History {
 public:
  History(store::MailStore& store, unsigned seed)
      : random_(seed), server_(store), truth_(*store.open_mailbox(imap::MailboxName::inbox()).value()) {
    (void)store.create(imap::MailboxName("other"));
    for (const auto kind : {Kind::Plain, Kind::Condstore, Kind::Qresync, Kind::Plain, Kind::Qresync})
      clients_.push_back(std::make_unique<Picture>(server_, kind));
  }

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      if (i % 20 == 0) remember();
      auto& client = *clients_[random_() % clients_.size()];
      step(client);
      if (client.kind() == Kind::Qresync && random_() % 3 == 0) resync(client.highest(), client.flags());
      if (random_() % 6 == 0) client.check(truth_);
    }
    for (auto& client : clients_) client->check(truth_);
    for (const auto& [modseq, picture] : past_) resync(modseq, picture);
  }

 private:
  using Flags = std::map<std::uint32_t, std::optional<imap::FlagSet>>;  // by UID; nullopt: never asked for

  std::size_t some(const Picture& client) { return 1 + random_() % client.count(); }

  imap::FlagSet some_flags() {
    imap::FlagSet out;
    for (const auto& row : imap::kFlagTable)
      if (random_() % 5 == 0) out.add(row.flag);
    if (random_() % 3 == 0) out.add(random_() % 2 ? "work" : "home");
    return out;
  }

  static std::string text(const imap::FlagSet& flags) {
    std::string out;
    imap::Printer(out).flag_list(flags);
    return out;
  }

  void step(Picture& client) {
    const auto choice = random_() % 12;
    if (client.count() == 0 || choice < 3) return client.append(random_() % 2 ? text(some_flags()) : ""), learn(client);
    const auto n = some(client);
    const auto number = std::to_string(n);
    if (choice < 6) {
      store(client, n);
    } else if (choice == 6) {
      client.say("FETCH " + number + ":* (UID FLAGS)", false);
    } else if (choice == 7) {
      client.say(random_() % 2 ? "SEARCH UNSEEN" : "FETCH " + number + " BODY[TEXT]", false);
    } else if (choice == 8) {
      client.say("EXPUNGE");
    } else if (choice == 9) {
      client.say(random_() % 2 ? "UID FETCH 1:* (FLAGS MODSEQ)" : "UID SEARCH ALL");
    } else if (choice == 10) {
      client.say(random_() % 3 ? "COPY " + number + " INBOX" : "MOVE " + number + " other");
    } else if (client.uid(n)) {
      client.say("UID EXPUNGE " + std::to_string(client.uid(n)->value) + ":*");
    }
    learn(client);
  }

  void store(Picture& client, std::size_t n) {
    const auto flags = some_flags();
    const char how = "+-="[random_() % 3];
    const bool by_uid = client.uid(n) && random_() % 2, silent = random_() % 2;
    const auto command = (by_uid ? "UID STORE " + std::to_string(client.uid(n)->value) : "STORE " + std::to_string(n)) +
                         " " + (how == '=' ? "" : std::string(1, how)) + (silent ? "FLAGS.SILENT " : "FLAGS ") +
                         text(flags);
    if (silent)
      client.pretend(n, how, flags, command, by_uid);
    else
      client.say(command, by_uid);
  }

  void learn(Picture& client) {
    if (client.count() > 0 && !client.uid(client.count())) client.say("FETCH 1:* UID", false);
  }

  Flags now() const {
    imap::UidSet all;
    for (const auto uid : truth_.uids()) all.add(uid);
    Flags out;
    for (const auto& message : truth_.messages(all)) out.emplace(message.uid.value, message.flags);
    return out;
  }

  void remember() {
    const auto modseq = truth_.status().highest_modseq;
    past_.emplace_back(modseq, now());
  }

  void resync(ModSeq since, Flags picture) {
    tests::TestClient client(server_);
    client("ENABLE QRESYNC");
    const auto validity = std::to_string(truth_.status().uid_validity.value);
    const auto text = client("SELECT INBOX (QRESYNC (" + validity + " " + std::to_string(since.value) + "))");
    for (const auto& response : parse(text.substr(0, text.rfind("\r\n", text.size() - 3) + 2))) {
      if (const auto* vanished = std::get_if<imap::VanishedResponse>(&response)) {
        EXPECT_TRUE(vanished->earlier);
        std::erase_if(picture, [&](const auto& row) { return vanished->uids.contains(Uid(row.first)); });
      } else if (const auto* fetch = std::get_if<imap::FetchResponse>(&response)) {
        picture[fetch->uid.value().value] = fetch->flags.value();
      }
    }
    auto truth = now();
    for (auto& [uid, flags] : truth)
      if (const auto known = picture.find(uid); known != picture.end() && !known->second) flags.reset();
    EXPECT_TRUE(picture == truth) << "since " << since.value;
  }

  std::minstd_rand random_;
  tests::SessionFixture server_;
  store::Mailbox& truth_;
  std::vector<std::unique_ptr<Picture>> clients_;
  std::vector<std::pair<ModSeq, Flags>> past_;
};

TEST(ViewModel, EveryClientAgreesWithTheTruth) {
  for (unsigned seed = 1; seed <= 25 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    tests::MemoryStore store;
    History(store, seed).run(300);
  }
}

TEST(ViewModel, HoldsOverTheRealStore) {
  for (unsigned seed = 1; seed <= 12 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const tests::TempDirectory directory;
    auto store = store::MailStore::open(directory.path(),
                                        {.watch = false, .sync_to_disk = false, .log = {}, .on_corrupt_index = {}});
    ASSERT_TRUE(store) << store.error().text;
    History(**store, seed).run(200);
  }
}

}  // namespace
