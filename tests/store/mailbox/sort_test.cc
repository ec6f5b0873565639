// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SORT and THREAD in a store: what is kept with contents, made where it is missing, and held in memory.
#include <algorithm>

#include "proto/mail/sort_keys.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/search/rank_record.h"
#include "tests/store/store_case.h"
#include "tests/support/golden.h"

namespace tests {
namespace {

using imap::SortKey;
using store::keys::ContentPart;

class Sort : public StoreCase {
 protected:
  Sort() { open(); }

  imap::Uid add(const std::string& header, std::int64_t date = 1000) {
    store::NewMessage message{imap::Literal(header + "\r\n\r\ntext\r\n"), {}, date};
    return mailbox()->append(std::span(&message, 1))->front();
  }
  std::string sorted(imap::SortProgram program) {
    std::string out;
    for (const auto uid : mailbox()->sort(program, mailbox()->uids())) out += std::to_string(uid.value) + ' ';
    return out;
  }
  std::size_t threads() { return mailbox()->threads(imap::ThreadAlgorithm::References, mailbox()->uids()).size(); }
  std::string found(imap::SearchKey::Kind kind, const std::string& text) {
    imap::SearchKey key;
    key.kind = kind;
    key.text = text;
    std::string out;
    for (const auto uid : mailbox()->search(key, everything())) out += std::to_string(uid.value) + ' ';
    return out;
  }
  store::MailboxImpl& impl() { return dynamic_cast<store::MailboxImpl&>(*mailbox()); }
  std::optional<store::keys::ContentNumber> number(imap::Uid uid) {
    const auto link = impl().core().index->get(store::keys::content_link(impl().id(), uid));
    if (!link) return std::nullopt;
    return store::keys::decode_content_link(*link)->number;
  }
  std::optional<std::string> kept(ContentPart part, imap::Uid uid) {
    const auto content = number(uid);
    if (!content) return std::nullopt;
    return impl().core().index->get(store::keys::content_part(part, *content), store::Table::Content);
  }
  void keep(ContentPart part, imap::Uid uid, const std::string& record) {
    store::IndexBatch batch;
    batch.put(store::keys::content_part(part, *number(uid)), record, store::Table::Content);
    impl().core().index->write(batch, false);
  }
};

TEST_F(Sort, by_each_key) {
  add("Subject: Re: b\r\nFrom: Zoe <a@x>\r\nDate: Thu, 1 Jan 1970 02:00:00 +0100\r\nMessage-ID: <1@x>", 50);
  add("Subject: a\r\nFrom: Ann <b@x>\r\nReferences: <1@x>", 40);
  add("From: c@x\r\nDate: Thu, 1 Jan 1970 00:30:00 +0000\r\nX: " + std::string(500, 'x'), 60);
  EXPECT_EQ(sorted({{SortKey::Subject}}), "3 2 1 ");
  EXPECT_EQ(sorted({{SortKey::Subject, true}}), "1 2 3 ");
  EXPECT_EQ(sorted({{SortKey::From}}), "1 2 3 ");
  EXPECT_EQ(sorted({{SortKey::DisplayFrom}}), "2 3 1 ");
  EXPECT_EQ(sorted({{SortKey::Date}}), "2 3 1 ") << "without a date the arrival counts";
  EXPECT_EQ(sorted({{SortKey::Arrival}}), "2 1 3 ");
  EXPECT_EQ(sorted({{SortKey::Size, true}}), "3 1 2 ");
  EXPECT_EQ(sorted({{SortKey::To}, {SortKey::Arrival, true}}), "3 1 2 ");
  EXPECT_EQ(mailbox()->sort({{SortKey::Subject}}, {}), std::vector<imap::Uid>{});
}

TEST_F(Sort, keys_are_kept_as_mail_comes) {
  const auto uid = add("Subject: x\r\nTo: b@c");
  EXPECT_EQ(mail::decode_sort_texts(kept(ContentPart::SortTexts, uid).value_or(""))->subject, "X");
  EXPECT_TRUE(kept(ContentPart::ThreadKeys, uid));
  EXPECT_TRUE(mail::is_search_texts(kept(ContentPart::SearchTexts, uid).value_or("")));
  EXPECT_FALSE(kept(ContentPart::Header, uid)) << "nobody has asked for it";
}

TEST_F(Sort, records_that_are_missing_or_damaged_are_made_again) {
  const auto first = add("Subject: b"), second = add("Subject: a");
  for (const auto* record : {"", "\x01", "\x07what a later version says"}) {
    for (const auto part : {ContentPart::SortTexts, ContentPart::ThreadKeys, ContentPart::SearchTexts})
      for (const auto uid : {first, second}) keep(part, uid, record);
    impl().columns().forget();
    EXPECT_EQ(sorted({{SortKey::Subject}}), "2 1 ");
    EXPECT_EQ(threads(), 2u);
    EXPECT_EQ(found(imap::SearchKey::Kind::Subject, "A"), "2 ");
    EXPECT_EQ(mail::decode_sort_texts(kept(ContentPart::SortTexts, first).value_or(""))->subject, "B");
  }
}

TEST_F(Sort, mail_that_others_brought) {
  deliver("INBOX", "Subject: b\n\ntext\n");
  deliver("INBOX", "Subject: a\n\ntext\n");
  for (const auto* name : {"cur", "new"})  // long ago: they are complete
    for (const auto& file : std::filesystem::directory_iterator(directory() / name))
      std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  mailbox()->check();
  EXPECT_FALSE(kept(ContentPart::SortTexts, imap::Uid(1)));
  EXPECT_EQ(sorted({{SortKey::Subject}}), "2 1 ");
  EXPECT_TRUE(kept(ContentPart::SortTexts, imap::Uid(1))) << "made on need";
}

TEST_F(Sort, the_worker_makes_keys_of_mail_that_others_brought) {
  deliver("INBOX", "Subject: b\n\ntext\n");
  for (const auto& file : std::filesystem::directory_iterator(directory() / "new"))
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  mailbox()->check();
  ASSERT_TRUE(mailbox()->messages(everything()).at(0).complete);
  impl().look_after_keys();
  EXPECT_TRUE(kept(ContentPart::SearchTexts, imap::Uid(1)));
}

TEST_F(Sort, what_changes_is_seen) {
  add("Subject: b\r\nMessage-ID: <1@x>");
  EXPECT_EQ(sorted({{SortKey::Subject}}), "1 ");
  EXPECT_EQ(threads(), 1u);
  EXPECT_EQ(found(imap::SearchKey::Kind::Subject, "B"), "1 ");
  add("Subject: a\r\nReferences: <1@x>");
  add("Subject: c");
  EXPECT_EQ(sorted({{SortKey::Subject}}), "2 1 3 ");
  EXPECT_EQ(threads(), 3u);
  EXPECT_TRUE(mailbox()->remove(set_of({imap::Uid(1)})));
  EXPECT_EQ(sorted({{SortKey::Subject, true}}), "3 2 ");
  EXPECT_EQ(threads(), 2u);
  EXPECT_EQ(found(imap::SearchKey::Kind::Subject, "B"), "");
  reopen();
  EXPECT_EQ(sorted({{SortKey::Subject}}), "2 3 ");
}

TEST_F(Sort, several_threads_read_what_one_does) {
  for (int i = 0; i < 300; ++i)
    add("Subject: number " + std::to_string(i * 37 % 300) + "\r\nMessage-ID: <" + std::to_string(i) + "@x>" +
        (i % 3 == 0 ? "" : "\r\nReferences: <" + std::to_string(i - 1) + "@x>"));
  const auto forest = [&] { return mailbox()->threads(imap::ThreadAlgorithm::References, mailbox()->uids()); };
  const auto answers = [&](std::size_t worth_a_thread) {
    impl().core().keys_worth_a_thread = worth_a_thread;
    impl().columns().forget();
    return std::tuple(sorted({{SortKey::Subject}}), forest(), found(imap::SearchKey::Kind::Subject, "NUMBER 1"));
  };
  const auto one = answers(1000);
  EXPECT_EQ(std::get<1>(one).front(), (imap::ThreadNode{.number = 1, .children = 1}));
  EXPECT_EQ(answers(7), one);
  impl().core().keys_worth_a_thread = 1;
  add("Subject: number 1000");
  EXPECT_EQ(forest().size(), 301u) << "what is new is joined to what is known";
  EXPECT_EQ(found(imap::SearchKey::Kind::Subject, "NUMBER 1000"), "301 ");
}

TEST_F(Sort, many_are_searched_as_few_are) {
  for (int i = 0; i < 600; ++i)
    add("Subject: number " + std::to_string(i) + "\r\nTo: " + (i % 7 == 0 ? std::string(5000, 'x') : "a") + "@b" +
        (i % 2 == 0 ? "\r\nFrom: even@b" : ""));
  for (int round = 0; round < 2; ++round) {  // the second time from memory
    EXPECT_EQ(found(imap::SearchKey::Kind::Subject, "NUMBER 599"), "600 ");
    EXPECT_EQ(std::ranges::count(found(imap::SearchKey::Kind::From, ""), ' '), 300);
    EXPECT_EQ(std::ranges::count(found(imap::SearchKey::Kind::To, "XX@B"), ' '), 86) << "too long to be kept";
    EXPECT_EQ(std::ranges::count(found(imap::SearchKey::Kind::To, "A@B"), ' '), 514);
    EXPECT_EQ(found(imap::SearchKey::Kind::Cc, ""), "");
  }
}

// As bytes they lie on users' disks.
TEST_F(Sort, a_column_of_ranks_is_these_bytes) {
  const store::RankColumn column{{imap::Uid(1), imap::Uid(3), imap::Uid(200)}, {2, 300, 0}};
  const std::string rest = hex("\x07") + "03" + "0102" + "02ac02" + "c50100", record = "0102" + rest;
  EXPECT_EQ(hex(encode(column, imap::UidValidity(7))), record);
  const auto read = store::decode_ranks(octets(record), imap::UidValidity(7));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->uids, column.uids);
  EXPECT_EQ(read->ranks, column.ranks);
  EXPECT_FALSE(store::decode_ranks(octets(record), imap::UidValidity(8)));
  EXPECT_FALSE(store::decode_ranks(octets("0101" + rest), imap::UidValidity(7))) << "keys of before";
  for (std::size_t size = 0; size < record.size() / 2; ++size)
    EXPECT_FALSE(store::decode_ranks(octets(record).substr(0, size), imap::UidValidity(7))) << size;
  EXPECT_FALSE(store::decode_ranks(octets(record) + "x", imap::UidValidity(7)));
  EXPECT_EQ(hex(store::keys::rank_column("id", store::octet_of(SortKey::Subject))), hex("Rids"));
}

TEST_F(Sort, ranks_are_kept_for_the_next_opening) {
  impl().core().ranks_kept_from = 2;
  add("Subject: c");
  add("Subject: a");
  add("Subject: b");
  const auto key = store::keys::rank_column(impl().id(), store::octet_of(SortKey::Subject));
  const auto kept_now = [&] { return impl().core().index->get(key, store::Table::Content); };
  const auto put = [&](const std::string& record) {
    store::IndexBatch batch;
    batch.put(key, record, store::Table::Content);
    impl().core().index->write(batch, false);
  };
  EXPECT_EQ(sorted({{SortKey::Subject}}), "2 3 1 ");
  ASSERT_TRUE(kept_now());
  const store::RankColumn backwards{{imap::Uid(1), imap::Uid(2), imap::Uid(3)}, {0, 2, 1}};
  put(encode(backwards, mailbox()->status().uid_validity));
  reopen();
  EXPECT_EQ(sorted({{SortKey::Subject}}), "1 3 2 ") << "it is what is kept that is read";
  reopen();
  put("damaged");
  EXPECT_EQ(sorted({{SortKey::Subject}}), "2 3 1 ");
  put(encode(backwards, mailbox()->status().uid_validity));
  reopen();
  add("Subject: a0");
  EXPECT_EQ(sorted({{SortKey::Subject}}), "2 4 3 1 ") << "it does not reach the newest message";
}

// A file that holds another text than before: nothing that was made of the old one is believed.
TEST_F(Sort, kept_ranks_go_with_the_text) {
  impl().core().ranks_kept_from = 2;
  add("Subject: b");
  add("Subject: c");
  EXPECT_EQ(sorted({{SortKey::Subject}}), "1 2 ");
  const auto key = store::keys::rank_column(impl().id(), store::octet_of(SortKey::Subject));
  ASSERT_TRUE(impl().core().index->get(key, store::Table::Content));
  for (const auto& file : maildir_files(directory()))
    if (file.find(",U=2") != std::string::npos) {
      auto text = read_file(directory() / file);
      text.replace(text.find("Subject: c"), 10, "Subject: a");
      std::filesystem::remove(directory() / file);
      write_file(directory() / file, text);
    }
  (void)content_of(*mailbox(), imap::Uid(2));
  EXPECT_FALSE(impl().core().index->get(key, store::Table::Content));
}

TEST_F(Sort, is_stopped) {
  add("Subject: a");
  const auto stop = [] { return true; };
  EXPECT_THROW(mailbox()->sort({{SortKey::Subject}}, mailbox()->uids(), stop), store::SearchStopped);
  EXPECT_THROW(mailbox()->threads(imap::ThreadAlgorithm::Refs, mailbox()->uids(), stop), store::SearchStopped);
}

}  // namespace
}  // namespace tests
