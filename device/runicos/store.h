// The install store: runes in fixed slots of NOR flash (docs/spec/store.md).
//
// A slot goes one way, each step a word programmed from ones to zeros:
//
//   free -> receiving -> staged -> requested -> (translated) -> installed -> removed -> free
//                                      \-> failed
//
// and each word is programmed only after what it promises is whole, so a power cut at
// any operation leaves the old state or the new one. A rune has at most one installed
// slot: when two are found, the newer wins and the older is removed, which is how an
// update ends. Translated code follows the file, on a sector of its own; the slot
// has entries for several translations, so that another build of the engine can translate anew.
//
//   Store store(flash, 4);
//   RUNE_TRY(store.mount());
//   RUNE_TRY(store.begin("sine", file_bytes));
//   RUNE_TRY(store.append(0, chunk).status()); ...
//
// Where the machine shows programmed bytes in place only after a reset,
// visible(slot) is false until then; read() always works.
// Tested by store_test.cpp with a cut at each operation.
#pragma once

#include "device/base/fixed_vector.h"
#include "device/format/manifest.h"
#include "device/hal/flash.h"
#include "device/runicos/config.h"
#include "device/wasm/wasm.h"

namespace rune::os {

enum class SlotState : uint8_t { kFree, kReceiving, kStaged, kRequested, kInstalled, kFailed };

struct Slot {
  SlotState state = SlotState::kFree;
  Status failure = Status::kOk;  // of a failed slot
  bool changed = false;          // file or code written since the machine started
  char name[format::kMaxNameBytes + 1] = {};
  uint32_t file_bytes = 0;
  uint32_t file_checksum = 0;
  uint32_t sequence = 0;      // newer is higher
  uint32_t code_bytes = 0;    // 0: no translation
  uint32_t translations = 0;  // entries used
};

class Store {
 public:
  // Requires flash to outlive the store and 1 <= slot_count <= kMaxSlots.
  Store(hal::Flash& flash, uint32_t slot_count);

  // Reads every slot and settles what a power cut left: installed twice, removed but not
  // erased. Call once after start.
  Status mount();

  uint32_t slot_count() const { return slots_count_; }
  const Slot& slot(uint32_t index) const { return slots_[index]; }
  // The largest file that a slot takes; translated code must fit beside it.
  uint32_t capacity_bytes() const { return slot_bytes_ - kHeaderBytes; }

  // Slots by name: the installed one, and the newest that is not. kNotFound.
  Result<uint32_t> find_installed(std::string_view name) const;
  Result<uint32_t> find_inactive(std::string_view name) const;

  // Starts to receive a file into a free slot, in place of an inactive one of that name.
  // kInvalidArgument: name not of [A-Za-z0-9._-], 1..31 bytes; kTooLarge; kNoMemory: no slot is free.
  Status begin(std::string_view name, uint32_t file_bytes);
  // Appends to the file begun last and returns the next offset wanted. A chunk from
  // elsewhere in the file changes nothing: the answer says where to go on. The last
  // byte makes the slot staged. kBadState: nothing is being received.
  Result<uint32_t> append(uint32_t offset, Bytes chunk);

  // Copies of the file's bytes; fewer at its end.
  Result<uint32_t> read(uint32_t index, uint32_t offset, MutableBytes into);
  // The file and its translation in place. Require visible(index).
  Bytes file(uint32_t index) const;
  Bytes code(uint32_t index) const;
  bool visible(uint32_t index) const { return !slots_[index].changed || !flash_.visible_after_reset(); }
  // kChecksum when the file in place is not the one that was received.
  Status verify_file(uint32_t index) const;

  // One-way steps. Each leaves the slot in the state it names.
  Status request(uint32_t index);
  Status install(uint32_t index);  // and removes the installed slot of that name, if any
  Status fail(uint32_t index, Status reason);
  Status remove(uint32_t index);

  // Appends translated code behind the file: begin erases, finish programs the entry.
  class CodeWriter final : public wasm::CodeSink {
   public:
    CodeWriter(Store& store, uint32_t index) : store_(store), index_(index) {}
    // kNoMemory: all entries are used.
    Status begin();
    Status append(Bytes bytes) override;
    Status finish();

   private:
    Store& store_;
    uint32_t index_;
    uint32_t size_bytes_ = 0;
    uint32_t erased_end_ = 0;
  };

  static constexpr uint32_t kHeaderBytes = 256;

 private:
  uint32_t base(uint32_t index) const { return index * slot_bytes_; }
  uint32_t code_offset(uint32_t index) const;
  Status load(uint32_t index);
  Status program_word(uint32_t index, uint32_t offset, uint32_t word);
  Status erase_until(uint32_t index, uint32_t end, uint32_t* erased_end);
  Result<uint32_t> choose_slot(std::string_view name) const;
  Status flush();
  Status finish_receiving();

  hal::Flash& flash_;
  uint32_t slots_count_;
  uint32_t slot_bytes_ = 0;
  uint32_t sector_bytes_ = 0;
  Slot slots_[kMaxSlots];

  // The file being received. Bytes wait here until they fill words.
  uint32_t receiving_ = kMaxSlots;  // kMaxSlots: none
  uint32_t received_bytes_ = 0;
  uint32_t programmed_bytes_ = 0;
  uint32_t erased_end_ = 0;  // in the slot
  uint32_t checksum_ = 0;
  uint8_t pending_[16] = {};
  uint32_t pending_bytes_ = 0;
};

// Whether `name` can name a slot.
bool valid_rune_name(std::string_view name);

}  // namespace rune::os
