// SPDX-License-Identifier: GPL-2.0-or-later
// Memory, streams, events and graphs of the stand-in.
#include "cuda_runtime_api.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

using Work = std::vector<std::function<void()>>;

struct StandInStream {
	StandInGraph *recording = nullptr;
};
struct StandInEvent {
	std::chrono::steady_clock::time_point time{};
};
struct StandInGraph {
	Work work;
};
struct StandInGraphExec {
	Work work;
};

namespace cuda_stand_in {

void enqueue(cudaStream_t stream, std::function<void()> work)
{
	if (stream && stream->recording)
		stream->recording->work.push_back(std::move(work));
	else
		work();
}

} // namespace cuda_stand_in

using cuda_stand_in::enqueue;

const char *cudaGetErrorString(cudaError_t error)
{
	return error == cudaSuccess ? "no error" : "an error of the stand-in";
}
cudaError_t cudaGetLastError()
{
	return cudaSuccess;
}
cudaError_t cudaSetDevice(int)
{
	return cudaSuccess;
}
cudaError_t cudaGetDevice(int *device)
{
	*device = 0;
	return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr, int)
{
	*value = 16; // few enough that small pictures meet both sizes of tiles, and split sums
	return cudaSuccess;
}
cudaError_t cudaDeviceGetStreamPriorityRange(int *lowest, int *highest)
{
	*lowest = 0;
	*highest = -5;
	return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
	*memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
	if (!*memory)
		return cudaErrorMemoryAllocation;
	std::memset(*memory, 0xFF, bytes);
	return cudaSuccess;
}
cudaError_t cudaFree(void *memory)
{
	std::free(memory);
	return cudaSuccess;
}
cudaError_t cudaMemset(void *memory, int value, size_t bytes)
{
	return cudaMemsetAsync(memory, value, bytes, nullptr);
}
cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream)
{
	enqueue(stream, [=] { std::memset(memory, value, bytes); });
	return cudaSuccess;
}
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind)
{
	return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind, cudaStream_t stream)
{
	enqueue(stream, [=] { std::memcpy(to, from, bytes); });
	return cudaSuccess;
}
cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
			      size_t height, cudaMemcpyKind, cudaStream_t stream)
{
	if (width > to_pitch || width > from_pitch)
		return cudaErrorInvalidValue;
	enqueue(stream, [=] {
		for (size_t y = 0; y < height; y++)
			std::memcpy(static_cast<char *>(to) + y * to_pitch,
				    static_cast<const char *>(from) + y * from_pitch, width);
	});
	return cudaSuccess;
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned, int)
{
	*stream = new StandInStream;
	return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
	delete stream;
	return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t *free, size_t *all)
{
	*free = size_t{1} << 30;
	*all = size_t{2} << 30;
	return cudaSuccess;
}
cudaError_t cudaStreamQuery(cudaStream_t)
{
	return cuda_stand_in::condition;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
	return stream && stream->recording ? cudaErrorInvalidValue : cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned)
{
	*event = new StandInEvent;
	return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event)
{
	delete event;
	return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
	return cudaEventRecordWithFlags(event, stream, cudaEventRecordDefault);
}
cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned)
{
	enqueue(stream, [=] { event->time = std::chrono::steady_clock::now(); });
	return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t)
{
	return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t)
{
	return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t begin, cudaEvent_t end)
{
	*milliseconds = std::chrono::duration<float, std::milli>(end->time - begin->time).count();
	return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
	stream->recording = new StandInGraph;
	return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
	*graph = std::exchange(stream->recording, nullptr);
	if (cuda_stand_in::failing_recordings == 0)
		return cudaSuccess;
	cuda_stand_in::failing_recordings--;
	delete std::exchange(*graph, nullptr);
	return cudaErrorStreamCaptureInvalidated;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *executable, cudaGraph_t graph, unsigned long long)
{
	*executable = new StandInGraphExec{graph->work};
	return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t)
{
	for (const auto &work : executable->work)
		work();
	return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
	delete graph;
	return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable)
{
	delete executable;
	return cudaSuccess;
}
