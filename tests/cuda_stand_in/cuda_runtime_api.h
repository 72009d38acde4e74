// SPDX-License-Identifier: GPL-2.0-or-later
// A stand-in for CUDA on machines that have no device: the kernels and the code around them, compiled by the C++
// compiler, run on the CPU. It has what inference/cuda uses, and is made to find mistakes, not to be fast:
//
// * The threads of a block are fibers, which meet at barriers; between them they run in an order that changes from
// time to time, so
//   that a missing barrier shows. Threads that do not all come to a barrier are an error.
// * Instructions of a warp are carried out when all 32 threads have come to the same one, on fragments laid out as
// NVIDIA documents
//   them (tensor_core.cuh). Asynchronous copies happen when they are waited for, and not before.
// * Device memory begins as NaNs. Graphs record, and run later.
//
// What it cannot show: races between blocks, which run one after the other; whether the compiler for the device
// agrees; speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

enum cudaError_t {
	cudaSuccess = 0,
	cudaErrorInvalidValue = 1,
	cudaErrorMemoryAllocation = 2,
	cudaErrorInsufficientDriver = 35,
	cudaErrorInvalidDeviceFunction = 98,
	cudaErrorNoDevice = 100,
	cudaErrorNoKernelImageForDevice = 209,
	cudaErrorECCUncorrectable = 214,
	cudaErrorInvalidPtx = 218,
	cudaErrorJitCompilerNotFound = 221,
	cudaErrorUnsupportedPtxVersion = 222,
	cudaErrorIllegalAddress = 700,
	cudaErrorLaunchTimeout = 702,
	cudaErrorContextIsDestroyed = 709,
	cudaErrorAssert = 710,
	cudaErrorHardwareStackError = 714,
	cudaErrorIllegalInstruction = 715,
	cudaErrorMisalignedAddress = 716,
	cudaErrorInvalidAddressSpace = 717,
	cudaErrorInvalidPc = 718,
	cudaErrorLaunchFailure = 719,
	cudaErrorNotReady = 600,
	cudaErrorNotSupported = 801,
	cudaErrorSystemDriverMismatch = 803,
	cudaErrorStreamCaptureUnsupported = 900,
	cudaErrorStreamCaptureInvalidated = 901,
	cudaErrorStreamCaptureImplicit = 906,
	cudaErrorUnknown = 999,
};
enum cudaMemcpyKind {
	cudaMemcpyHostToHost,
	cudaMemcpyHostToDevice,
	cudaMemcpyDeviceToHost,
	cudaMemcpyDeviceToDevice,
	cudaMemcpyDefault,
};
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };

inline constexpr unsigned cudaEventDefault = 0, cudaEventBlockingSync = 1, cudaEventDisableTiming = 2, cudaEventRecordDefault = 0,
			  cudaEventRecordExternal = 1, cudaStreamNonBlocking = 1;

using cudaStream_t = struct StandInStream *;
inline constexpr cudaStream_t cudaStreamLegacy = nullptr;
using cudaEvent_t = struct StandInEvent *;
using cudaGraph_t = struct StandInGraph *;
using cudaGraphExec_t = struct StandInGraphExec *;

const char *cudaGetErrorString(cudaError_t);
cudaError_t cudaGetLastError();
cudaError_t cudaSetDevice(int);
cudaError_t cudaGetDevice(int *);
cudaError_t cudaDeviceGetAttribute(int *, cudaDeviceAttr, int);
cudaError_t cudaDeviceGetStreamPriorityRange(int *lowest, int *highest);
cudaError_t cudaMalloc(void **, size_t);
cudaError_t cudaFree(void *);
cudaError_t cudaMemset(void *, int, size_t);
cudaError_t cudaMemsetAsync(void *, int, size_t, cudaStream_t);
cudaError_t cudaMemcpy(void *, const void *, size_t, cudaMemcpyKind);
cudaError_t cudaMemcpyAsync(void *, const void *, size_t, cudaMemcpyKind, cudaStream_t);
cudaError_t cudaMemcpy2DAsync(void *, size_t to_pitch, const void *, size_t from_pitch, size_t width, size_t height,
			      cudaMemcpyKind, cudaStream_t);
cudaError_t cudaStreamCreateWithPriority(cudaStream_t *, unsigned, int);
cudaError_t cudaStreamDestroy(cudaStream_t);
cudaError_t cudaMemGetInfo(size_t *free, size_t *all);
cudaError_t cudaStreamQuery(cudaStream_t);
cudaError_t cudaStreamSynchronize(cudaStream_t);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *, unsigned);
cudaError_t cudaEventDestroy(cudaEvent_t);
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t);
cudaError_t cudaEventRecordWithFlags(cudaEvent_t, cudaStream_t, unsigned);
cudaError_t cudaEventQuery(cudaEvent_t);
cudaError_t cudaEventSynchronize(cudaEvent_t);
cudaError_t cudaEventElapsedTime(float *, cudaEvent_t, cudaEvent_t);
cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode);
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t *);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *, cudaGraph_t, unsigned long long);
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t);
cudaError_t cudaGraphDestroy(cudaGraph_t);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t);

namespace cuda_stand_in {

/// What the device answers when it is asked how it is: for tests, which can break it.
inline cudaError_t condition = cudaSuccess;
/// How many recordings from now on fail when they end.
inline int failing_recordings = 0;

/// Does it now, or when the graph that the stream records is launched.
void enqueue(cudaStream_t stream, std::function<void()> work);

} // namespace cuda_stand_in
