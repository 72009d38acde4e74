// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_graph.hpp"

#include <cstdio>

namespace matting::cuda {
namespace {

/// Ends a recording, whatever comes.
Graph end_recording(cudaStream_t stream, cudaError_t &result)
{
	cudaGraph_t graph = nullptr;
	result = cudaStreamEndCapture(stream, &graph);
	return Graph(graph);
}

} // namespace

void FrameGraph::record(const std::function<void()> &operations, cudaStream_t stream)
{
	check_cuda(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "recording a frame");
	cudaError_t ended;
	is_recording_ = true;
	try {
		operations();
	} catch (...) {
		is_recording_ = false;
		end_recording(stream, ended);
		cudaGetLastError();
		throw;
	}
	is_recording_ = false;
	const Graph graph = end_recording(stream, ended);
	check_cuda(ended, "recording a frame");
	cudaGraphExec_t executable;
	check_cuda(cudaGraphInstantiate(&executable, graph.get(), 0), "preparing a recorded frame");
	graph_ = GraphExec(executable);
}

void FrameGraph::run(uint64_t version, const std::function<void()> &operations, cudaStream_t stream)
{
	if (version != graph_version_ && version == last_version_ && version != unrecorded_version_) {
		try {
			record(operations, stream);
			graph_version_ = version;
		} catch (const DeviceLost &) {
			throw;
		} catch (const Error &error) {
			unrecorded_version_ = version; // the next may be another matter: memory comes and goes
			std::fprintf(stderr, "%s; frames are started kernel by kernel, which takes longer\n",
				     error.what());
		}
	}
	if (version == graph_version_) {
		check_cuda(cudaGraphLaunch(graph_.get(), stream), "starting a frame");
		return;
	}
	operations();
	last_version_ = version;
}

} // namespace matting::cuda
