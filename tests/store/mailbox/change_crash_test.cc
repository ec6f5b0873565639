// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A process that dies at any step of a change: the next one finds it whole, or finds that it had never been.
#include <functional>

#include "tests/store/mailbox/change_case.h"

namespace {

namespace fs = std::filesystem;
using base::FailPoint;
using tests::many_keywords;

// What counts after a crash: which messages there are, and what is said of them.
struct Sight {
  std::vector<imap::Uid> uids;
  std::vector<imap::FlagSet> flags;
  std::size_t files = 0;

  bool operator==(const Sight&) const = default;
};

struct Act {
  std::function<bool(store::Mailbox& inbox, store::Mailbox& other)> run;  // whether it was done
  std::function<void(Sight& inbox, Sight& other)> effect;                 // but for UIDs of what comes
  bool is_followed = false;                                               // by renames or unlinks, after the commit
};

class ChangeCrash : public tests::ChangeCase {
 protected:
  void begin() {
    store_.reset();
    for (const auto& entry : fs::directory_iterator(root_.path())) fs::remove_all(entry);
    open_with_messages();
    if (in_pieces_) write_in_pieces();
  }

  Sight sight(const std::string& name) {
    Sight out;
    const auto box = mailbox(name);
    store_->drain_renames();  // and unlinks what a crash has left
    box->check();
    for (const auto& message : box->messages(everything())) {
      out.uids.push_back(message.uid);
      out.flags.push_back(message.flags);
    }
    for (const char* part : {"cur", "new"})
      for (const auto& file : fs::directory_iterator(directory(name) / part)) out.files += file.exists() ? 1 : 0;
    return out;
  }
  std::pair<Sight, Sight> sights() { return {sight("INBOX"), sight("other")}; }

  // False: it did not crash any more.
  bool crash_at(int step, const Act& act) {
    const auto inbox = mailbox(), other = mailbox("other");
    FailPoint::arm(FailPoint::Mode::Crash, step);
    bool done = false;
    try {
      done = act.run(*inbox, *other);
      store_->drain_renames();
    } catch (const base::SimulatedCrash&) {
    }
    const bool crashed = FailPoint::crashed();
    EXPECT_TRUE(done || crashed);
    acknowledged_ = done;
    return crashed;
  }

  // What comes has UIDs above those that were there: which, is not foretold, for announced ones are used up.
  static bool is_whole(std::pair<Sight, Sight> wanted, const Act& act, const std::pair<Sight, Sight>& found) {
    act.effect(wanted.first, wanted.second);
    for (auto [want, have] : {std::pair(&wanted.first, &found.first), std::pair(&wanted.second, &found.second)}) {
      if (want->flags.size() != have->uids.size()) return false;
      for (auto i = want->uids.size(); i < have->uids.size(); ++i) want->uids.push_back(have->uids[i]);
    }
    return wanted == found;
  }

  void expect_whole_or_nothing(const Act& act) {
    int whole = 0, nothing = 0;
    for (int step = 1;; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      ASSERT_LT(step, 200);
      begin();
      const auto before = sights();
      if (!crash_at(step, act)) break;
      store_.reset();
      FailPoint::disarm();
      open();
      const auto now = sights();
      now == before && !acknowledged_ ? ++nothing : ++whole;
      if (now != before || acknowledged_) EXPECT_TRUE(is_whole(before, act, now));
      reopen();
      EXPECT_TRUE(sights() == now) << "opened again";
      if (HasFailure()) return;
    }
    EXPECT_GT(nothing, 0);
    EXPECT_EQ(whole > 0, act.is_followed);
  }

  bool acknowledged_ = false, in_pieces_ = false;
};

void erase(Sight& sight, std::initializer_list<std::size_t> places) {
  for (auto place = std::rbegin(places); place != std::rend(places); ++place) {
    sight.uids.erase(sight.uids.begin() + static_cast<std::ptrdiff_t>(*place));
    sight.flags.erase(sight.flags.begin() + static_cast<std::ptrdiff_t>(*place));
    --sight.files;
  }
}

void come(Sight& sight, const imap::FlagSet& flags) {
  sight.flags.push_back(flags);
  ++sight.files;
}

TEST_F(ChangeCrash, Append) {
  expect_whole_or_nothing({[](auto& inbox, auto&) {
                             std::vector<store::NewMessage> messages;
                             for (const char* text : {"Subject: a\r\n\r\na\r\n", "Subject: b\r\n\r\nb\r\n"})
                               messages.push_back({imap::Literal(text), many_keywords("fresh"), 1000});
                             return inbox.append(messages).has_value();
                           },
                           [](Sight& inbox, Sight&) {
                             for (int i = 0; i < 2; ++i) come(inbox, many_keywords("fresh"));
                           }});
}

TEST_F(ChangeCrash, Flags) {
  expect_whole_or_nothing(
      {[](auto& inbox, auto&) {
         return inbox.change_flags(everything(), imap::FlagChange::Add, many_keywords("fresh")).has_value();
       },
       [](Sight& inbox, Sight&) {
         for (auto& flags : inbox.flags) flags.add(many_keywords("fresh"));
       },
       true});
}

TEST_F(ChangeCrash, Expunge) {
  expect_whole_or_nothing({[](auto& inbox, auto&) { return inbox.expunge(std::nullopt).has_value(); },
                           [](Sight& inbox, Sight&) { erase(inbox, {1}); }, true});
}

const Act kCopy = {[](auto& inbox, auto& other) { return inbox.copy_to(imap::UidSet{{1, 3}}, other).has_value(); },
                   [](Sight& inbox, Sight& other) {
                     for (std::size_t i = 0; i < 3; ++i) come(other, inbox.flags[i]);
                   }};

const Act kMove = {[](auto& inbox, auto& other) { return inbox.move_to(imap::UidSet{{1, 4}}, other).has_value(); },
                   [](Sight& inbox, Sight& other) {
                     for (std::size_t i = 0; i < 4; ++i) come(other, inbox.flags[i]);
                     erase(inbox, {0, 1, 2, 3});
                   },
                   true};

TEST_F(ChangeCrash, Copy) { expect_whole_or_nothing(kCopy); }

TEST_F(ChangeCrash, Move) { expect_whole_or_nothing(kMove); }

TEST_F(ChangeCrash, LargeCopy) {
  in_pieces_ = true;
  expect_whole_or_nothing(kCopy);
}

TEST_F(ChangeCrash, LargeMove) {
  in_pieces_ = true;
  expect_whole_or_nothing(kMove);
}

}  // namespace
