#include "collector/backup/on_stop.h"

#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <thread>
#include <utility>

namespace daicho::collector {

namespace {

bool IsIgnored(int signal) {
  struct sigaction now{};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

struct OnStop::Watch {
  explicit Watch(std::function<void()> to_do) : clean_up(std::move(to_do)) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      if (!IsIgnored(signal)) signals.add(signal);
    }
    signals.async_wait([this](const asio::error_code& error, int signal) {
      if (!error) End(signal);
    });
    thread = std::thread([this] { io.run(); });
  }

  void End(int signal) {
    const std::lock_guard lock(mutex);
    clean_up();
    signals.clear();  // with nothing in its way the next one ends the process
    ::kill(::getpid(), signal);
    for (;;) ::pause();
  }

  const std::function<void()> clean_up;
  std::mutex mutex;
  asio::io_context io;
  asio::signal_set signals{io};
  std::thread thread;
};

OnStop::OnStop(std::function<void()> clean_up) : watch_(std::make_unique<Watch>(std::move(clean_up))) {}

OnStop::~OnStop() {
  asio::post(watch_->io, [watch = watch_.get()] {
    watch->signals.cancel();
    watch->signals.clear();
  });
  watch_->thread.join();
}

std::unique_lock<std::mutex> OnStop::Hold() { return std::unique_lock(watch_->mutex); }

}  // namespace daicho::collector
