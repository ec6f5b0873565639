// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/tracing.h"

#include <chrono>
#include <cstdio>
#include <ctime>

#include "proto/transport/trace_stream.h"
#include "sync/client/wire_text.h"

namespace mirror {

namespace {

std::string time_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[40];
  const auto length = std::strftime(text, sizeof text, "%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03d", static_cast<int>(ms % 1000));
  return text;
}

}  // namespace

struct ConnectionTrace::Text {
  Text(std::shared_ptr<Tracing> tracing, const std::string& server)
      : wire([tracing] { return tracing->hears(); },
             [tracing, name = server + " #" + std::to_string(tracing->next_connection())](char direction,
                                                                                          const std::string& line) {
               tracing->say(time_now() + ' ' + name + ' ' + direction + ' ' + line);
             }) {}
  WireText wire;
};

struct ConnectionTrace::Layer final : transport::TraceListener {
  explicit Layer(std::shared_ptr<Text> t) : text(std::move(t)) {}
  void read(std::string_view octets) override {
    if (is_last) text->wire.received(octets);
  }
  void written(std::string_view octets) override {
    if (is_last) text->wire.sent(octets);
  }
  std::shared_ptr<Text> text;
  bool is_last = true;
};

ConnectionTrace::ConnectionTrace(std::shared_ptr<Tracing> tracing, std::string server) {
  if (tracing) text_ = std::make_shared<Text>(std::move(tracing), server);
}

std::unique_ptr<transport::Stream> ConnectionTrace::over(std::unique_ptr<transport::Stream> below) {
  if (!text_) return below;
  if (last_) {
    last_->is_last = false;
    text_->wire.begin_anew();
  }
  last_ = std::make_shared<Layer>(text_);
  return std::make_unique<transport::TraceStream>(std::move(below), last_);
}

}  // namespace mirror
