// Request and answer of one call on one arena, for gRPC's callback services: parsed in a few blocks of memory that go
// at once when the call has ended (protobuf.dev "C++ Arena Allocation Guide"; grpcpp/support/message_allocator.h).
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/message_allocator.h>

namespace daicho::collector {

template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

  // The request of a call for which this object made the messages, to be changed by whoever answers it.
  static Request& RequestOf(grpc::CallbackServerContext& context) {
    return *static_cast<Holder*>(context.GetRpcAllocatorState())->request();
  }

 private:
  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override { delete this; }  // gRPC's, once the call is over

   private:
    google::protobuf::Arena arena_;
  };
};

}  // namespace daicho::collector
