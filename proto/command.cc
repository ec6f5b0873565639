// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "proto/parser.h"

namespace imap {

namespace {

using ParseFunction = Command (*)(Parser&);
struct Entry {
  std::string_view name;
  ParseFunction parse;
};

template <class T>
Command parse_one(Parser& parser) {
  return T::parse(parser);
}

// The parse table is the variant.
template <class... T>
constexpr std::array<Entry, sizeof...(T)> make_table(std::type_identity<std::variant<T...>>) {
  return {Entry{T::kName, &parse_one<T>}...};
}
constexpr auto kTable = make_table(std::type_identity<Command>{});

template <class T>
concept HasMessages = requires(T command) { command.messages.by; };

void set_by_uid(Command& command) {
  std::visit(
      [](auto& c) {
        if constexpr (HasMessages<std::remove_reference_t<decltype(c)>>) c.messages.by = MessageSet::By::Uid;
      },
      command);
}

// Before a command's name, where Dovecot takes no more either.
void one_space(Parser& parser) {
  if (parser.peek() != ' ') parser.fail("a space");
  parser.skip(1);
}

// command = tag SP ["UID" SP] name arguments
Command parse_named(Parser& parser, const std::string& name) {
  if (name == "EXAMINE") {
    auto command = SelectCommand::parse(parser);
    command.read_only = true;
    return command;
  }
  const auto entry = std::ranges::find(kTable, name, &Entry::name);
  if (entry == kTable.end()) throw SyntaxError(parser.offset(), "a known command");
  return entry->parse(parser);
}

}  // namespace

std::variant<TaggedCommand, MalformedCommand> parse_command(const Frame& frame) {
  std::string tag = "*", name;
  try {
    Parser parser(frame);
    const auto first = parser.tag();
    if (parser.at_end() || parser.peek() == ' ') tag = first;
    one_space(parser);
    name = parser.upper_atom();
    if (name != "UID") {
      auto command = parse_named(parser, name);
      return TaggedCommand{std::move(tag), std::move(command)};
    }
    one_space(parser);
    const auto second = parser.upper_atom();
    name += " " + second;
    static constexpr std::array<std::string_view, 8> kUidForms{"COPY",   "EXPUNGE", "FETCH", "MOVE",
                                                               "SEARCH", "SORT",    "STORE", "THREAD"};
    if (std::ranges::find(kUidForms, second) == kUidForms.end())
      throw SyntaxError(parser.offset(), "a command with a UID form");
    parser.by_uid = true;
    auto command = parse_named(parser, second);
    set_by_uid(command);
    return TaggedCommand{std::move(tag), std::move(command)};
  } catch (const InvalidName& error) {
    return MalformedCommand{std::move(tag), std::move(name), error.what(), true};
  } catch (const SyntaxError& error) {
    return MalformedCommand{std::move(tag), std::move(name), error.what()};
  }
}

void print(Printer& printer, std::string_view tag, const Command& command) {
  printer.raw(tag).sp();
  std::visit([&](const auto& c) { c.print(printer); }, command);
  printer.crlf();
}

std::string_view command_name(const Command& command) {
  return std::visit([](const auto& c) { return c.kName; }, command);
}

States command_states(const Command& command) {
  return std::visit([](const auto& c) { return c.kStates; }, command);
}

}  // namespace imap
