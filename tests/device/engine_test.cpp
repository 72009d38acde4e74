// SPDX-License-Identifier: GPL-2.0-or-later
// The engine process on a card as the plugin meets it, shut in: with frames that stay on the card, and with frames in
// host memory.
#include "card.hpp"

#include "plugin/frames/cuda_frame_memory.hpp"
#include "tests/engine_program.hpp"
#include "tests/models.hpp"

namespace matting {
namespace {

constexpr uint32_t width = 640, height = 360;
constexpr size_t row = size_t{4} * width;
using Colour = std::array<uint8_t, 4>;
constexpr Colour room{60, 80, 70, 255}, person{200, 200, 200, 255};

class EngineOnCard : public EngineProgram {
protected:
	EngineOnCard() : EngineProgram("cuda:0") {}

	void prepare()
	{
		expect(MessageKind::hello);
		ASSERT_EQ(load(difference_model()), "mobilenetv2, cuda:0, fp16");
	}

	/// Alpha of the first pixel where a background of `room` was captured and `colour` is seen. put(slot, colour)
	/// and take(slot) reach the frames' memory.
	template<typename Put, typename Take> void expect_matting(const Put &put, const Take &take)
	{
		const auto matte = [&](uint32_t slot, uint64_t frame, Colour colour) {
			put(slot, colour);
			send_frame(slot, frame);
			EXPECT_EQ(expect(MessageKind::done).frame, frame);
			return take(slot);
		};
		const auto png = folder_ / "plate.png";
		begin_capture(png);
		put(0, room);
		send_frame(0, 1);
		ASSERT_EQ(expect(MessageKind::captured).text, png.string());
		for (uint64_t frame = 2; frame < 20; frame += 2) {
			EXPECT_EQ(matte(frame % slot_count, frame, room), 0);
			EXPECT_EQ(matte((frame + 1) % slot_count, frame + 1, person), 255);
		}
	}
};

TEST_F(EngineOnCard, MattesFramesOfTheHost)
{
	prepare();
	share_frames(width, height);
	const size_t bytes = slot_bytes(width, height);
	expect_matting([&](uint32_t slot, Colour colour) { fill(slot, bytes, colour); },
		       [&](uint32_t slot) { return frames_.data()[slot * bytes + 3]; });
}

TEST_F(EngineOnCard, MattesFramesOnTheCard)
{
	prepare();
	Card card;
	CudaFrameMemory memory(card.context, width, height);
	Message message = request(MessageKind::set_frames);
	message.width = width;
	message.height = height;
	memory.describe(message);
	ASSERT_TRUE(channel_->send(message));
	expect(MessageKind::shared);
	std::vector<uint8_t> pixels(row * height);
	const auto at_host = Card::at(pixels.data(), row);
	expect_matting(
		[&](uint32_t slot, Colour colour) {
			for (size_t i = 0; i < pixels.size(); i++)
				pixels[i] = colour[i % 4];
			card.copy(at_host, Card::at(memory.slot(slot), row), row, height);
			card.driver->check(card.driver->cuEventRecord(memory.event(slot), card.stream.get()),
					   "recording an event");
		},
		[&](uint32_t slot) {
			card.copy(Card::at(memory.slot(slot), row), at_host, row, height);
			return pixels[3]; // a copy to pageable memory has ended when it returns
		});
	channel_->shut_down();
	EXPECT_EQ(exit_status(), 0); // it closes the memory before it is freed
}

} // namespace
} // namespace matting
