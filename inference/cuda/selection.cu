// SPDX-License-Identifier: GPL-2.0-or-later
// Which cells are refined, without a word to the CPU.
//
// Note [Finding the highest]
// A cell's rank is its error's bits (a float from 0 to 1 has 30, and they are ordered as it is), then its place from
// the end, 24 bits: no two ranks are equal. The lowest rank that is selected is found digit by digit, 11 bits at a
// time, from the highest: all blocks count the digits of the ranks that agree with what is known, the last one to
// finish looks up in which digit the wanted count ends.
//
//     block:   256 cells     counts[digit] in shared memory --> state.counts --> the last block: state.prefix, state.wanted
#include "launch.cuh"

namespace matting::cuda {
inline namespace selection_kernels {

constexpr int digit_bits = 11, digits = 1 << digit_bits, place_bits = 24, passes = 5;
constexpr int digits_per_thread = digits / threads_per_block;
static_assert(digit_bits * passes >= 30 + place_bits);

struct State {
	unsigned selected, tickets, wanted;
	unsigned is_found;         // all cells of the digits known so far are selected: the rest says nothing
	unsigned long long prefix; // of the lowest rank selected, as far as it is known
	unsigned counts[digits];
};
static_assert(sizeof(State) <= sizeof(unsigned) * Selection::state_words);

__device__ unsigned long long rank_of(uint32_t key, int place)
{
	return static_cast<unsigned long long>(key) << place_bits | ((1u << place_bits) - 1 - place);
}

template<typename Number> __device__ float error_of(const MapView<Number> &error, const Selection &selection, int place)
{
	return fabsf(mix_channel(error, tap_at(place / selection.width, error.height, selection.height),
				 tap_at(place % selection.width, error.width, selection.width), 0));
}

template<typename Number> __global__ void keys_kernel(MapView<Number> error, Selection selection)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int place = item_number();
	for (int i = place; i < Selection::state_words; i += static_cast<int>(gridDim.x * blockDim.x))
		selection.state[i] = 0;
	if (place < selection.height * selection.width)
		selection.keys[place] = __float_as_uint(error_of(error, selection, place));
}

// One block. Leaves counts at zero for the next digit.
__device__ void find_digit(State &state, unsigned wanted, int shift)
{
	__shared__ unsigned above[threads_per_block]; // the sum of the thread's digits and all higher ones
	const int thread = static_cast<int>(threadIdx.x), first = thread * digits_per_thread;
	unsigned counts[digits_per_thread], sum = 0;
	for (int i = 0; i < digits_per_thread; i++) {
		counts[i] = __ldcg(&state.counts[first + i]);
		state.counts[first + i] = 0;
		sum += counts[i];
	}
	above[thread] = sum;
	for (int reach = 1; reach < threads_per_block; reach *= 2) {
		__syncthreads();
		const unsigned more = thread + reach < threads_per_block ? above[thread + reach] : 0;
		__syncthreads();
		above[thread] += more;
	}
	unsigned before = above[thread] - sum;
	if (before >= wanted || above[thread] < wanted)
		return;
	int digit = digits_per_thread - 1;
	for (; before + counts[digit] < wanted; digit--)
		before += counts[digit];
	state.prefix |= static_cast<unsigned long long>(first + digit) << shift;
	state.wanted = wanted - before;
	state.is_found = before + counts[digit] == wanted;
}

__global__ void __launch_bounds__(threads_per_block) digit_kernel(Selection selection, unsigned count, int shift)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	__shared__ unsigned counts[digits];
	__shared__ bool is_last;
	State &state = *reinterpret_cast<State *>(selection.state);
	if (state.is_found != 0)
		return;
	const bool is_first_pass = shift == digit_bits * (passes - 1);
	for (int i = static_cast<int>(threadIdx.x); i < digits; i += threads_per_block)
		counts[i] = 0;
	__syncthreads();
	const int place = item_number();
	if (place < selection.height * selection.width) {
		const unsigned long long rank = rank_of(selection.keys[place], place);
		if (rank >> (shift + digit_bits) == state.prefix >> (shift + digit_bits))
			atomicAdd(&counts[rank >> shift & (digits - 1)], 1u);
	}
	__syncthreads();
	for (int i = static_cast<int>(threadIdx.x); i < digits; i += threads_per_block)
		if (counts[i] != 0)
			atomicAdd(&state.counts[i], counts[i]);
	__threadfence();
	__syncthreads();
	if (threadIdx.x == 0) {
		is_last = atomicAdd(&state.tickets, 1u) == gridDim.x - 1;
		if (is_last)
			state.tickets = 0;
	}
	__syncthreads();
	if (is_last) {
		__threadfence();
		find_digit(state, is_first_pass ? count : state.wanted, shift);
	}
}

// Every thread of the block takes part.
__device__ void mark(const Selection &selection, int place, bool is_selected)
{
	__shared__ unsigned count, first;
	if (threadIdx.x == 0)
		count = 0;
	__syncthreads();
	unsigned own = 0;
	if (is_selected)
		own = atomicAdd(&count, 1u);
	__syncthreads();
	if (threadIdx.x == 0)
		first = atomicAdd(&reinterpret_cast<State *>(selection.state)->selected, count);
	__syncthreads();
	if (place < selection.height * selection.width)
		selection.mask[place] = is_selected;
	if (is_selected)
		selection.selected[first + own] = static_cast<uint32_t>(place);
}

__global__ void __launch_bounds__(threads_per_block) mark_highest_kernel(Selection selection, bool only_positive)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int place = item_number();
	bool is_selected = false;
	if (place < selection.height * selection.width) {
		const uint32_t key = selection.keys[place];
		is_selected = rank_of(key, place) >= reinterpret_cast<const State *>(selection.state)->prefix &&
			      (key > 0 || !only_positive);
	}
	mark(selection, place, is_selected);
}

template<typename Number>
__global__ void __launch_bounds__(threads_per_block)
	mark_above_kernel(MapView<Number> error, float threshold, Selection selection)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int place = item_number();
	const bool is_cell = place < selection.height * selection.width;
	mark(selection, place, is_cell && error_of(error, selection, place) > threshold);
}

__global__ void __launch_bounds__(threads_per_block) mark_all_kernel(Selection selection)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int place = item_number();
	mark(selection, place, place < selection.height * selection.width);
}

dim3 blocks(const Selection &selection)
{
	return blocks_for(int64_t{1} * selection.height * selection.width);
}

void forget(const Selection &selection, cudaStream_t stream)
{
	check_cuda(cudaMemsetAsync(selection.state, 0, sizeof(State), stream), "selecting");
}

} // namespace selection_kernels

template<typename Number>
void select_highest(const MapView<Number> &error, int count, bool only_positive, const Selection &selection,
		    cudaStream_t stream)
{
	if (count == 0) {
		forget(selection, stream);
		const size_t cells = size_t{1} * selection.height * selection.width;
		check_cuda(cudaMemsetAsync(selection.mask, 0, cells, stream), "selecting");
		return;
	}
	launch(keys_kernel<Number>, blocks(selection), threads_per_block, stream, error, selection);
	for (int pass = passes - 1; pass >= 0; pass--)
		launch(digit_kernel, blocks(selection), threads_per_block, stream, selection,
		       static_cast<unsigned>(count), digit_bits * pass);
	launch(mark_highest_kernel, blocks(selection), threads_per_block, stream, selection, only_positive);
}

template<typename Number>
void select_above(const MapView<Number> &error, float threshold, const Selection &selection, cudaStream_t stream)
{
	forget(selection, stream);
	launch(mark_above_kernel<Number>, blocks(selection), threads_per_block, stream, error, threshold, selection);
}

void select_all(const Selection &selection, cudaStream_t stream)
{
	forget(selection, stream);
	launch(mark_all_kernel, blocks(selection), threads_per_block, stream, selection);
}

#define MATTING_INSTANTIATE(Number)                                                                                    \
	template void select_highest(const MapView<Number> &, int, bool, const Selection &, cudaStream_t);             \
	template void select_above(const MapView<Number> &, float, const Selection &, cudaStream_t);
MATTING_INSTANTIATE(half)
MATTING_INSTANTIATE(float)

} // namespace matting::cuda
